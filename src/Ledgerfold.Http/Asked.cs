using System.Globalization;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Http;

/// <summary>Reads what parameters of a query say of positions, versions and times; what they cannot say is refused by name.</summary>
public static class Asked
{
    /// <summary>A position or a version; null where nothing is said.</summary>
    /// <exception cref="RefusedException">It is none.</exception>
    public static long? Whole(string parameter, string? text) => text is null ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) ? whole
        : throw new RefusedException(Refusal.Of(parameter, "a whole number, at least 0"));

    /// <summary>A time or a position; null where nothing is said.</summary>
    /// <exception cref="RefusedException">It is neither.</exception>
    public static LedgerPlace? Place(string parameter, string? text) => text is null ? null
        : LedgerPlace.TryParse(text, out var place) ? place
        : throw new RefusedException(Refusal.Of(parameter, LedgerPlace.Rule));

    /// <summary>A time or a position, or a version of the stream; now where nothing is said.</summary>
    /// <exception cref="RefusedException">Both are said, or one of them is none.</exception>
    public static Moment Moment(string? place, string? version, string placeName = "at", string versionName = "version")
    {
        if (place is not null && version is not null)
            throw new RefusedException(Refusal.Of(versionName, $"not together with {placeName}"));
        return Whole(versionName, version) is { } known
            ? Model.Timelines.Moment.AfterVersion(known)
            : Place(placeName, place)?.Moment ?? Model.Timelines.Moment.Now;
    }
}
