using System.Security.Cryptography;
using System.Text;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// How a kept fold names its rows. States stand in the tenant of their events under <c>k:key</c>. What the engine itself keeps stands in a
/// tenant of its own, beside them in the same batch: <c>h:</c> for what is held, <c>s:</c> for events that somebody chose to skip,
/// <c>o:</c> for who writes. What is held is named by a digest, because a tenant and a key together can be longer than a name may be.
/// </summary>
internal static class RowKeys
{
    public const string EngineTenant = "$folds";
    public const string HeldPrefix = "h:";
    public const string SkippedPrefix = "s:";

    private const string StatePrefix = "k:";

    public static string OfState(string key) => StatePrefix + key;

    public static string KeyOf(FoldRow row) => row.Key[StatePrefix.Length..];

    /// <summary>The bounds of a range of states, which hold the states apart from whatever else may stand there one day.</summary>
    public static (string From, string? To) RangeOfStates(string? from, string? to) =>
        (OfState(from ?? ""), to is null ? After(StatePrefix) : OfState(to));

    /// <summary>A text above all that begin with the prefix and below all others that are; null where there is none.</summary>
    public static string? After(string prefix)
    {
        var runes = prefix.EnumerateRunes().ToList();
        while (runes is [.., var last])
        {
            runes.RemoveAt(runes.Count - 1);
            if (Next(last) is { } next)
                return string.Concat(runes.Append(next).Select(static rune => rune.ToString()));
        }

        return null;
    }

    /// <summary>The lowest name above this one: a space is the lowest character a name can have. Null where it would be too long.</summary>
    public static string? Behind(string name) =>
        Encoding.UTF8.GetByteCount(name) < Limits.NameBytesMax - StatePrefix.Length ? name + ' ' : null;

    /// <summary>The order in which rows stand.</summary>
    public static int Compare(string one, string other) =>
        Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other));

    // names hold no control characters, so neither may a bound
    private static Rune? Next(Rune rune) => rune.Value switch
    {
        '~' => new Rune(0xA0),
        0xD7FF => new Rune(0xE000),
        0x10FFFF => null,
        var value => new Rune(value + 1),
    };

    public static string OfHeld(HeldName name) => HeldPrefix + Digest(name);

    public static string OfSkipped(HeldName name, long position) => $"{SkippedPrefix}{position:D19}:{Digest(name)}";

    public static bool IsKey(string? key) => key is { Length: > 0 } && Limits.IsName(OfState(key));

    private static string Digest(HeldName name)
    {
        var text = $"{(name.Stream is null ? 'k' : 's')}{name.Tenant.Length}:{name.Tenant}{name.Stream ?? name.Key}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
