using Ledgerfold.Seams;

namespace Ledgerfold.Server.Security;

/// <summary>Ids that nobody had: UUIDs of version 4.</summary>
internal static class Ids
{
    public static Guid Draw(IChance chance)
    {
        Span<byte> bytes = stackalloc byte[16];
        chance.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
