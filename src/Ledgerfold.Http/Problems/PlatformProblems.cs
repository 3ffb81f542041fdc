using System.Collections.Immutable;

namespace Ledgerfold.Http.Problems;

/// <summary>The refusals of the platform itself.</summary>
public static class PlatformProblems
{
    /// <summary>What was sent breaks a rule that needs no state to be checked.</summary>
    public static ProblemKind Invalid { get; } = new("invalid", 400, "What was sent breaks a rule")
    {
        Meaning = "Nothing was changed. Each of `errors` names the part that is at fault and the rule it breaks.",
    };

    /// <summary>Nobody is signed in.</summary>
    public static ProblemKind Unauthenticated { get; } = new("unauthenticated", 401, "Who calls is not known")
    {
        Meaning = "Send an API key that is neither expired nor revoked as `Authorization: Bearer …`, or sign in.",
    };

    /// <summary>Whoever calls may not.</summary>
    public static ProblemKind Forbidden { get; } = new("forbidden", 403, "This is not allowed")
    {
        Meaning = "The caller is known and lacks the permission that `permission` names. Somebody who administers the server can grant it.",
    };

    /// <summary>There is no such thing, or the caller may not know of it.</summary>
    public static ProblemKind NotFound { get; } = new("not-found", 404, "There is no such thing")
    {
        Meaning = "Nothing has this name, or the caller may not know of it. The two are not told apart on purpose.",
    };

    /// <summary>The path does not take this method.</summary>
    public static ProblemKind MethodNotAllowed { get; } = new("method-not-allowed", 405, "The method is not known here")
    {
        Meaning = "There is something at this path, but it does not take this method; the header `Allow` names those it takes.",
    };

    /// <summary>The command was decided on something that others changed each time.</summary>
    public static ProblemKind Conflict { get; } = new("conflict", 409, "Others were faster")
    {
        Meaning = "Nothing happened: what the decision rests on was changed by others each time it was tried. Send it again.",
        Retryable = true,
    };

    /// <summary>The condition of an append does not hold.</summary>
    public static ProblemKind ConditionFailed { get; } = new("condition-failed", 409, "The condition of the append does not hold")
    {
        Meaning = "An event that the condition excludes was appended behind the position it names. Read on from there, decide again.",
    };

    /// <summary>A cursor stands elsewhere.</summary>
    public static ProblemKind CursorMoved { get; } = new("cursor-moved", 409, "The cursor stands elsewhere")
    {
        Meaning = "Another copy of the consumer has moved the cursor that this append would move. `actual` says where it stands.",
    };

    /// <summary>An event id has other content already.</summary>
    public static ProblemKind IdConflict { get; } = new("id-conflict", 409, "The event id is used for something else")
    {
        Meaning = "Another event has this id. Ids are for ever; a new event needs a new one.",
    };

    /// <summary>Ids of different appends stand in one.</summary>
    public static ProblemKind MixedRepeat { get; } = new("mixed-repeat", 409, "Events of different appends cannot be repeated together")
    {
        Meaning = "An append is repeated as it was. Events that were appended apart, or not yet, cannot come in one repeat.",
    };

    /// <summary>The stream takes no more events.</summary>
    public static ProblemKind StreamClosed { get; } = new("stream-closed", 409, "The stream is closed")
    {
        Meaning = "A closed stream takes no events, ever. Its name is not used again.",
    };

    /// <summary>The first call with this key is still being answered.</summary>
    public static ProblemKind InProgress { get; } = new("in-progress", 409, "The first call with this key is still being answered")
    {
        Meaning = "Ask again in a moment with the same key: the answer will be that of the first call.",
        Retryable = true,
    };

    /// <summary>What it was is erased.</summary>
    public static ProblemKind Erased { get; } = new("erased", 410, "The event was erased")
    {
        Meaning = "An event with this id was erased, so that it cannot be told whether this is a repeat.",
    };

    /// <summary>These positions are no longer kept.</summary>
    public static ProblemKind Truncated { get; } = new("truncated", 410, "These positions are no longer kept")
    {
        Meaning = "`first` is the earliest position that can be read.",
    };

    /// <summary>The stream is at another version than the call expects.</summary>
    public static ProblemKind WrongVersion { get; } = new("wrong-version", 412, "The stream is at another version")
    {
        Meaning = "`actual` is the version it has and `newer` where the events are that came since. Read them, decide again.",
    };

    /// <summary>More was sent than is taken.</summary>
    public static ProblemKind TooLarge { get; } = new("too-large", 413, "More was sent than is taken")
    {
        Meaning = "The body is larger than the server takes. An append has at most 8 MiB and 10,000 events.",
    };

    /// <summary>The body is of a kind that is not known here.</summary>
    public static ProblemKind UnsupportedMediaType { get; } = new("unsupported-media-type", 415, "The body is of an unknown kind")
    {
        Meaning = "Send JSON, with `Content-Type: application/json`, or one of the CloudEvents types where they are taken.",
    };

    /// <summary>The key was used for something else.</summary>
    public static ProblemKind KeyReused { get; } = new("key-reused", 422, "The key was used for another call")
    {
        Meaning = "An `Idempotency-Key` belongs to one call with one body. A new call needs a new key.",
    };

    /// <summary>The call needs to say what it expects.</summary>
    public static ProblemKind PreconditionRequired { get; } = new("precondition-required", 428, "The call must say what version it expects")
    {
        Meaning = "Send `If-Match: \"17\"` for a version, `If-None-Match: *` for a stream that is not there yet, `If-Match: *` for any.",
    };

    /// <summary>More calls than one may make.</summary>
    public static ProblemKind TooManyRequests { get; } = new("too-many-requests", 429, "Too many calls")
    {
        Meaning = "The caller made more calls than it may. Wait as long as `Retry-After` says.",
        Retryable = true,
    };

    /// <summary>An error that nobody foresaw.</summary>
    public static ProblemKind Failed { get; } = new("failed", 500, "The server failed")
    {
        Meaning = "An error that nobody foresaw; the server's log has it under `traceId`. Whether something was changed is not known: "
            + "send the call again with the same key or event ids.",
        Retryable = true,
    };

    /// <summary>Something that was recorded cannot be read.</summary>
    public static ProblemKind Unreadable { get; } = new("unreadable", 500, "A recorded event cannot be read")
    {
        Meaning = "The decision rests on an event that this version of the code cannot read. Nothing was decided.",
    };

    /// <summary>It may or may not have happened.</summary>
    public static ProblemKind Indeterminate { get; } = new("indeterminate", 503, "It may or may not have happened")
    {
        Meaning = "The server cannot say whether it is on disk. Send it again with the same key or event ids: it happens once.",
        Retryable = true,
    };

    /// <summary>No writes now.</summary>
    public static ProblemKind ReadOnly { get; } = new("read-only", 503, "The ledger takes no writes now")
    {
        Meaning = "Nothing was changed; `detail` says why. Reading goes on.",
        Retryable = true,
    };

    /// <summary>Too much is waiting.</summary>
    public static ProblemKind Overloaded { get; } = new("overloaded", 503, "Too much is waiting")
    {
        Meaning = "Nothing was changed. Send it again later, with the same key.",
        Retryable = true,
    };

    /// <summary>A read is not as fresh as was asked for.</summary>
    public static ProblemKind Stale { get; } = new("stale", 503, "Not as fresh as was asked for")
    {
        Meaning = "What is asked for is still being computed; ask again, or ask without a position.",
        Retryable = true,
    };

    /// <summary>All of them.</summary>
    public static ImmutableArray<ProblemKind> All { get; } =
    [
        Invalid, Unauthenticated, Forbidden, NotFound, MethodNotAllowed, Conflict, ConditionFailed, CursorMoved, IdConflict, MixedRepeat,
        StreamClosed, InProgress, Erased, Truncated, WrongVersion, TooLarge, UnsupportedMediaType, KeyReused, PreconditionRequired,
        TooManyRequests, Failed, Unreadable, Indeterminate, ReadOnly, Overloaded, Stale,
    ];
}
