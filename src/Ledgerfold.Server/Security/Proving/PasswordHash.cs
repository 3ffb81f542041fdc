using System.Security.Cryptography;
using Ledgerfold.Seams;

namespace Ledgerfold.Server.Security.Proving;

/// <summary>What a password is checked against: PBKDF2 with SHA-512, salted.</summary>
/// <param name="Rounds">How often it was hashed.</param>
/// <param name="Salt">What was mixed in, as Base64.</param>
/// <param name="Hash">What came out, as Base64.</param>
internal sealed record PasswordHash(int Rounds, string Salt, string Hash)
{
    /// <summary>The fewest rounds that are made anew.</summary>
    public const int RoundsMin = 210_000;

    /// <summary>The shortest and the longest password.</summary>
    public const int LengthMin = 12, LengthMax = 256;

    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>Nobody's: to be checked where there is none, so that the answer takes as long.</summary>
    public static PasswordHash Nobodys(int rounds) =>
        new(rounds, Convert.ToBase64String(new byte[SaltBytes]), Convert.ToBase64String(new byte[HashBytes]));

    /// <summary>Whether a text is long enough to be a password, and not longer than is hashed.</summary>
    public static bool IsAcceptable(string? password) => password is { Length: >= LengthMin and <= LengthMax };

    /// <summary>What a new password will be checked against.</summary>
    public static PasswordHash Of(string password, IChance chance, int rounds = RoundsMin)
    {
        ArgumentNullException.ThrowIfNull(chance);
        var salt = new byte[SaltBytes];
        chance.Fill(salt);
        return new PasswordHash(rounds, Convert.ToBase64String(salt), Convert.ToBase64String(Derive(password, salt, rounds)));
    }

    /// <summary>Whether this is the password.</summary>
    public bool Fits(string password) => CryptographicOperations.FixedTimeEquals(
        Derive(password, Convert.FromBase64String(Salt), Rounds), Convert.FromBase64String(Hash));

    private static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, rounds, HashAlgorithmName.SHA512, HashBytes);
}
