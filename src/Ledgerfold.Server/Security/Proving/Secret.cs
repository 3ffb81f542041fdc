using System.Security.Cryptography;
using System.Text;
using Ledgerfold.Seams;

namespace Ledgerfold.Server.Security.Proving;

/// <summary>
/// Secrets that are drawn and never chosen: 256 bits of chance as hexadecimal digits. So much chance needs no slow hash: they are checked
/// against a plain SHA-256.
/// </summary>
internal static class Secret
{
    /// <summary>How long one is.</summary>
    public const int Length = 64;

    /// <summary>Draws one.</summary>
    public static string Draw(IChance chance) => Hex(chance, Length / 2);

    /// <summary>So many bytes of chance as hexadecimal digits.</summary>
    public static string Hex(IChance chance, int bytes)
    {
        Span<byte> drawn = stackalloc byte[bytes];
        chance.Fill(drawn);
        return Convert.ToHexStringLower(drawn);
    }

    /// <summary>What it is checked against.</summary>
    public static string DigestOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Whether a secret belongs to a digest, in a time that does not tell how much of it was right.</summary>
    public static bool Fits(string secret, string digest) => CryptographicOperations.FixedTimeEquals(
        Encoding.ASCII.GetBytes(DigestOf(secret)), Encoding.ASCII.GetBytes(digest));
}
