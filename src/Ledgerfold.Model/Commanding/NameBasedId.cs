using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Ledgerfold.Model.Commanding;

/// <summary>
/// Ids that follow from what they name (RFC 9562, version 5): the same command has the same event ids wherever and however often it is
/// decided, which makes the ledger's own index of ids the memory of answered commands.
/// </summary>
internal static class NameBasedId
{
    // Never changes: every command answered so far was stored under it.
    private static readonly Guid OfCommands = new("b0a5e7c6-54d1-4c0e-9d0a-6c6564676572");

    /// <summary>The version 5 id of a name within a namespace.</summary>
    public static Guid Of(Guid space, ReadOnlySpan<byte> name)
    {
        var input = name.Length <= 512 ? stackalloc byte[16 + name.Length] : new byte[16 + name.Length];
        space.TryWriteBytes(input, bigEndian: true, out _);
        name.CopyTo(input[16..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(input, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>
    /// The id of the first event of a command. Each text goes in behind its length, so that no two pairs of them read the same.
    /// </summary>
    public static Guid OfFirstEvent(string tenant, string caller, Guid command)
    {
        var tenantBytes = Encoding.UTF8.GetByteCount(tenant);
        var callerBytes = Encoding.UTF8.GetByteCount(caller);
        var length = 4 + tenantBytes + 4 + callerBytes + 16;
        var name = length <= 512 ? stackalloc byte[length] : new byte[length];
        var rest = name;
        Put(tenant, tenantBytes, ref rest);
        Put(caller, callerBytes, ref rest);
        command.TryWriteBytes(rest, bigEndian: true, out _);
        return Of(OfCommands, name);
    }

    /// <summary>The id of a command's event by its place among them; the first keeps its own.</summary>
    public static Guid OfEvent(Guid first, int index)
    {
        if (index == 0)
            return first;
        Span<byte> name = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(name, index);
        return Of(first, name);
    }

    private static void Put(string text, int bytes, ref Span<byte> rest)
    {
        BinaryPrimitives.WriteInt32BigEndian(rest, bytes);
        Encoding.UTF8.GetBytes(text, rest[4..]);
        rest = rest[(4 + bytes)..];
    }
}
