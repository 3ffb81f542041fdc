using Ledgerfold.Seams;

namespace Ledgerfold.Model.Commanding;

/// <summary>Ids that follow from nothing: UUIDs of version 4, drawn from the chance that there is.</summary>
public static class RandomId
{
    /// <summary>An id that nobody had.</summary>
    public static Guid Draw(IChance chance)
    {
        ArgumentNullException.ThrowIfNull(chance);
        Span<byte> bytes = stackalloc byte[16];
        chance.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
