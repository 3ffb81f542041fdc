using System.Buffers;
using Ledgerfold.Seams;
using Ledgerfold.Server.Security.Governing;

namespace Ledgerfold.Server.Security.Proving;

/// <summary>A key as a program holds it: <c>lf_id_secret</c>. Shown once; the ledger knows the id and a digest of the secret.</summary>
internal readonly record struct KeyText(string Id, string Secret)
{
    private const string Prefix = "lf_";
    private const int IdLength = 16;

    // Checked where no key has the id, so that the answer takes as long.
    private static readonly string NobodysDigest = Proving.Secret.DigestOf("");
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>Draws a new key.</summary>
    public static KeyText Draw(IChance chance) => new(Proving.Secret.Hex(chance, IdLength / 2), Proving.Secret.Draw(chance));

    /// <summary>Reads a key; null where the text is none.</summary>
    public static KeyText? Parse(string? text)
    {
        if (text is null || text.Length != Prefix.Length + IdLength + 1 + Proving.Secret.Length
            || !text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length + IdLength] != '_')
            return null;
        var key = new KeyText(text.Substring(Prefix.Length, IdLength), text[(Prefix.Length + IdLength + 1)..]);
        return key.Id.AsSpan().ContainsAnyExcept(Digits) || key.Secret.AsSpan().ContainsAnyExcept(Digits) ? null : key;
    }

    /// <summary>Who comes in with it; null where it is unknown, wrong, revoked or has expired, or its user may not come in.</summary>
    public Caller.Key? Find(Policies policies, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(policies);
        var known = policies.Keys.GetValueOrDefault(Id);
        var fits = Proving.Secret.Fits(Secret, known?.Digest ?? NobodysDigest);
        return fits && known is not null && known.ExpiresAt > at && policies.Users.GetValueOrDefault(known.User) is { IsEnabled: true }
            ? new Caller.Key(known.Id, known.User)
            : null;
    }

    /// <summary>The whole key, to be shown once.</summary>
    public string Reveal() => $"{Prefix}{Id}_{Secret}";

    /// <summary>Without its secret: what may stand in a log.</summary>
    public override string ToString() => $"{Prefix}{Id}_…";
}
