using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ledgerfold.Storage.Format;

/// <summary>The chain hash of a batch, computed from its records: the readable twin of what the writer does in place.</summary>
internal sealed class ChainHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _previous;

    public ChainHash(ReadOnlySpan<byte> previous, in BatchHeader header)
    {
        _previous = previous.ToArray();
        _hash.AppendData(_previous);
        Add(header.FirstPosition);
        Add(header.RecordedAt);
    }

    public void Add(long version, ReadOnlySpan<byte> leaf)
    {
        Add(version);
        _hash.AppendData(leaf);
    }

    /// <summary>The chain after so many records; the one before where there are none.</summary>
    public byte[] Finish(int records) => records == 0 ? _previous : _hash.GetHashAndReset();

    public void Dispose() => _hash.Dispose();

    private void Add(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        _hash.AppendData(bytes);
    }
}
