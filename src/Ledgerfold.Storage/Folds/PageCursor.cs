using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Folds;

/// <summary>Shows the entry of a table that stands in the page at hand; how it comes to the next page is each cursor's own.</summary>
internal abstract class PageCursor : EntryCursor
{
    private byte[]? _large;

    public override ReadOnlySpan<byte> Key => View.Key(Entry);

    public override bool IsRemoval
    {
        get
        {
            View.Payload(Entry, out var form, out _);
            return form == TableFormat.Form.Removal;
        }
    }

    public override ReadOnlySpan<byte> Value
    {
        get
        {
            var payload = View.Payload(Entry, out var form, out var length);
            return form == TableFormat.Form.Large ? _large ??= ReadLarge(payload, length) : payload;
        }
    }

    protected byte[] Page { get; } = new byte[RunFormat.PageBytes];

    protected EntryPageView View => new(Page);

    /// <summary>The entry in the page.</summary>
    protected int Entry { get; set; }

    protected abstract byte[] ReadLarge(ReadOnlySpan<byte> payload, int length);

    /// <summary>It is about to move: a large value that was read is of the entry before.</summary>
    protected void LeaveEntry() => _large = null;
}
