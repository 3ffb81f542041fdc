namespace Ledgerfold.Simulation;

/// <summary>A deliberate bug: what it does, as somebody once shipped it.</summary>
internal sealed record Bug(string Name, string What);

/// <summary>The bugs of the zoo, each behind <c>#if ZOO</c> where it lives in the engine. One is let loose at a time.</summary>
internal static class Bugs
{
    public static readonly IReadOnlyList<Bug> All =
    [
        new("acknowledge-before-sync", "callers are answered before the batch is written"),
        new("no-sync", "the batch is written and never synced"),
        new("sync-result-ignored", "a failed sync counts as a good one"),
        new("retry-after-failed-sync", "a failed sync is tried again"),
        new("carries-on-after-a-failed-write", "a failed write is answered, and the writer goes on"),
        new("staged-ahead-of-the-write", "appends are staged behind a batch whose place in the file is not known yet"),
        new("told-what-was-staged-ahead", "a refusal or a repeat is told before what it rests on is durable"),
        new("no-directory-sync", "a new segment's name is never made durable"),
        new("no-file-sync-before-rename", "a new segment gets its name before its bytes are durable"),
        new("damage-in-the-middle-is-cut", "invalid bytes before sound batches count as a torn tail"),
        new("torn-tail-not-recognised", "a torn batch stops the ledger for good"),
        new("last-but-one-segment-skipped", "recovery replays the last segment and trusts the one before to have an index"),
        new("index-trusted-ahead-of-the-log", "an index file is used though the log does not agree with it"),
        new("cursors-from-the-index-only", "cursor moves behind the last index file are not replayed"),
        new("page-cache-trusted-after-a-crash", "a segment is continued after a crash, on what the page cache shows"),
        new("doubt-not-written-again", "the last batch, that nobody vouches for, is dropped in recovery"),
        new("header-before-the-batch-in-doubt", "the new segment exists before the batch in doubt is in it"),
        new("no-lock", "the directory is not locked"),
        new("epoch-not-checked", "a writer never asks whether a newer one opened the ledger"),
        new("epoch-checked-before-the-sync", "a writer asks for newer ones before its sync and not after"),
        new("epoch-claimed-after-reading", "recovery reads the log's end before it claims the epoch"),
        new("repeat-checked-outside-the-write-order", "repeats are looked for when the append is asked, not when it is ordered"),
        new("version-checked-outside-the-write-order", "versions are looked up when the append is asked, not when it is ordered"),
        new("condition-ignores-what-is-staged", "a condition does not see the appends of its own batch"),
        new("cursor-fence-ignores-what-is-staged", "a cursor move is checked against the durable value only"),
        new("closed-stream-takes-events", "a closed stream is only known to be closed until it leaves memory"),
        new("wall-clock-for-order", "recorded time is what the wall clock says"),
        new("recorded-time-forgotten-at-restart", "recorded time begins anew with the wall clock after a restart"),
        new("filter-says-no-to-a-key-it-holds", "an index filter misses one key in a hundred"),
        new("merge-drops-the-last-posting", "merging index files loses the last position of a list"),
        new("index-shown-before-the-head", "reads see events of a batch that is not durable"),
        new("follow-skips-what-came-while-reading", "a follower that waits goes on from the head, not from where it was"),
        new("backup-copies-beyond-the-vouched-end", "a backup copies what stands in the file, whoever acknowledged it"),
        new("reader-shows-what-is-in-doubt", "who opens for reading shows the last batch, though its sync may have failed"),
        new("index-pages-not-checked", "a page of an index file is used whatever its checksum says"),
        new("repeat-compares-nothing", "an event id alone makes a repeat"),
        new("fold-acknowledge-before-sync", "callers of the fold store are answered before the commit is written"),
        new("fold-no-sync", "a commit of the fold store is written and never synced"),
        new("fold-position-apart-from-rows", "a fold's rows are written, and its position in the commit behind"),
        new("fold-torn-tail-adopted", "what can be read of a torn commit counts"),
        new("fold-merge-drops-a-live-row", "merging tables loses a row now and then"),
        new("fold-merge-drops-removals", "merging forgets removals though an older table is left"),
        new("fold-filter-says-no-to-a-key-it-holds", "a table's filter misses one key in fifty"),
        new("fold-dropped-fold-returns", "a dropped fold is forgotten in memory only"),
        new("fold-view-sees-later-writes", "a view reads the newest row of the memory table"),
        new("fold-log-deleted-before-its-table", "a log is taken from the manifest before its table is durable"),
        new("fold-old-index-entry-stays", "a changed row stays under its old second keys"),
        new("fold-epoch-not-checked", "a writer of the fold store never asks whether a newer one opened it"),
        new("fold-page-cache-trusted", "recovery serves what it found in the page cache and keeps the log it found it in"),
    ];
}
