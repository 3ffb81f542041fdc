using System.Text;

namespace Ledgerfold.Storage.Folds;

/// <summary>From where to where a read goes, in bytes of keys.</summary>
internal sealed class KeyRange
{
    private readonly bool _backward;
    private readonly bool _byKey;
    private readonly byte[] _low;
    private readonly byte[] _high;
    private readonly int _prefix;

    public KeyRange(uint fold, FoldRead request, FoldContinuation? continued)
    {
        _backward = request.Backward;
        _byKey = request.Index is null;
        Span<byte> prefix = stackalloc byte[FoldKeys.BytesMax];
        _prefix = FoldKeys.WriteTenant(prefix, _byKey ? FoldKeys.Row : FoldKeys.Index, fold, request.Tenant);
        if (request.Index is { } index)
            _prefix = FoldKeys.WriteName(prefix, _prefix, index);
        prefix = prefix[.._prefix];
        _low = [.. prefix, .. Encoding.UTF8.GetBytes(request.From ?? "")];
        _high = request.To is { } to
            ? [.. prefix, .. Encoding.UTF8.GetBytes(to)]
            : [.. prefix[..^1], 1]; // one above the 0 that ends the prefix
        if (continued is { } last)
        {
            byte[] at = _byKey
                ? [.. prefix, .. Encoding.UTF8.GetBytes(last.Key)]
                : [.. prefix, .. Encoding.UTF8.GetBytes(last.Value), 0, .. Encoding.UTF8.GetBytes(last.Key)];
            if (_backward)
                _high = at;
            else
                _low = [.. at, 0];
        }
    }

    /// <summary>Where a cursor seeks to.</summary>
    public ReadOnlySpan<byte> Start => _backward ? _high : _low;

    public bool Holds(ReadOnlySpan<byte> key) => _backward ? key.SequenceCompareTo(_low) >= 0 : key.SequenceCompareTo(_high) < 0;

    public FoldContinuation PlaceOf(ReadOnlySpan<byte> key)
    {
        var rest = key[_prefix..];
        if (_byKey)
        {
            var text = Encoding.UTF8.GetString(rest);
            return new FoldContinuation(text, text);
        }

        var end = rest.IndexOf((byte)0);
        return new FoldContinuation(Encoding.UTF8.GetString(rest[..end]), Encoding.UTF8.GetString(rest[(end + 1)..]));
    }
}
