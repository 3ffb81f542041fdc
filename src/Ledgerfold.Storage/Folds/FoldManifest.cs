using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// Which files are the store, in a file of its writer's epoch: <c>manifest-EEEEEEEE</c>, replaced whole with every change. All else in the
/// directory is what a crash left, and is deleted. All numbers are little-endian.
/// <code>
///      0     8  "LFFOLDMF"
///      8     4  format        1
///     12     4  reserved      0
///     16    16  store id
///     32     8  epoch
///     40     8  sequence      of this manifest within its epoch
///     48     4  number of tables
///     52     4  number of logs
///     56     8  how many frames of the newest log were synced when this was written
///     64    24  reserved      0
///     88        nonce (8) of each table, newest first; nonce (8) of each log, oldest first
///   last     4  CRC-32C of all before
/// </code>
/// </summary>
/// <remarks>
/// What was left out of a table because its fold was dropped must stay dropped: so whoever names a table vouches for the drop's frame, too.
/// </remarks>
internal sealed record FoldManifest(Guid StoreId, long Epoch, long Sequence, ImmutableArray<ulong> Tables, ImmutableArray<ulong> Logs)
{
    public const int Format = 1;
    private const int HeaderBytes = 88;
    private const ulong Magic = 0x464D_444C_4F46_464C; // "LFFOLDMF"
    private const string Prefix = "manifest-";

    /// <summary>How many frames of the newest log were synced when this was written, at least.</summary>
    public long SyncedFrames { get; init; }

    public string Name => NameOf(Epoch);

    public static string NameOf(long epoch) => $"{Prefix}{epoch:D8}";

    public static bool TryParseName(string name, out long epoch)
    {
        epoch = 0;
        return name.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out epoch)
            && NameOf(epoch) == name;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[HeaderBytes + ((Tables.Length + Logs.Length) * sizeof(ulong)) + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Format);
        StoreId.TryWriteBytes(bytes.AsSpan(16), bigEndian: true, out _);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(48), Tables.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(52), Logs.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(56), SyncedFrames);
        var at = HeaderBytes;
        foreach (var nonce in (ImmutableArray<ulong>)[.. Tables, .. Logs])
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), nonce);
            at += sizeof(ulong);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), Crc32C.Of(bytes.AsSpan(0, at)));
        return bytes;
    }

    /// <exception cref="FoldsDamagedException">It is not what was written.</exception>
    public static FoldManifest Read(string name, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes + sizeof(uint) || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic)
            throw Damage.Of(name, "is damaged");
        var crc = BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]);
        bytes = bytes[..^4];
        if (crc != Crc32C.Of(bytes))
            throw Damage.Of(name, "is damaged");
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) is var format && format != Format)
            throw Damage.NewerFormat(name, format);
        var tables = BinaryPrimitives.ReadInt32LittleEndian(bytes[48..]);
        var logs = BinaryPrimitives.ReadInt32LittleEndian(bytes[52..]);
        if (bytes.Length != HeaderBytes + (((long)tables + logs) * sizeof(ulong)))
            throw Damage.Of(name, "is damaged");
        var manifest = new FoldManifest(
            new Guid(bytes.Slice(16, 16), bigEndian: true),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            ReadNonces(bytes[HeaderBytes..], tables),
            ReadNonces(bytes[(HeaderBytes + (tables * sizeof(ulong)))..], logs))
        {
            SyncedFrames = BinaryPrimitives.ReadInt64LittleEndian(bytes[56..]),
        };
        return manifest.Name == name ? manifest : throw Damage.Of(name, "is that of another epoch");
    }

    private static ImmutableArray<ulong> ReadNonces(ReadOnlySpan<byte> from, int count)
    {
        var nonces = ImmutableArray.CreateBuilder<ulong>(count);
        for (var n = 0; n < count; n++)
            nonces.Add(BinaryPrimitives.ReadUInt64LittleEndian(from[(n * sizeof(ulong))..]));
        return nonces.MoveToImmutable();
    }
}
