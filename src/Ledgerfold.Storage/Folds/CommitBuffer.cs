namespace Ledgerfold.Storage.Folds;

/// <summary>The body of the frame that is being put together, with room for its header in front. Writer only.</summary>
internal sealed class CommitBuffer
{
    private const int KeptBytes = 16 * 1024 * 1024;

    private byte[] _bytes = new byte[64 * 1024];
    private int _end = FoldLogFormat.FrameHeaderBytes;

    public int Length => _end - FoldLogFormat.FrameHeaderBytes;

    public ReadOnlySpan<byte> Body => _bytes.AsSpan(FoldLogFormat.FrameHeaderBytes, Length);

    /// <summary>The whole buffer, sector by sector.</summary>
    public byte[] Bytes => _bytes;

    public void Clear()
    {
        if (_bytes.Length > KeptBytes)
            _bytes = new byte[64 * 1024];
        _end = FoldLogFormat.FrameHeaderBytes;
    }

    /// <summary>Forgets what was added behind this length.</summary>
    public void CutTo(int length) => _end = FoldLogFormat.FrameHeaderBytes + length;

    public void Add(EncodedRows rows, uint fold)
    {
        Grow(rows.Length);
        rows.CopyTo(_bytes.AsSpan(_end), fold);
        _end += rows.Length;
    }

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Add(FoldLogFormat.Value, key, value);

    public void Remove(ReadOnlySpan<byte> key) => Add(FoldLogFormat.Removal, key, []);

    private void Add(byte kind, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Grow(16 + key.Length + value.Length);
        _end += FoldLogFormat.WriteEntry(_bytes.AsSpan(_end), kind, key, value);
    }

    private void Grow(int more)
    {
        var needed = FoldLogFormat.Align(_end + (long)more + 1);
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, checked((int)Math.Max(needed, Math.Min(2L * _bytes.Length, Array.MaxLength / 2))));
    }
}
