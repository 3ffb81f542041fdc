namespace Ledgerfold.Model.Processing;

/// <summary>What becomes of an event that no running instance can take: there is none under its key, or it has come to its end.</summary>
public enum Unmatched
{
    /// <summary>It is recorded as missed, under the key it was for, where operators find it and can hand it in again.</summary>
    Record,

    /// <summary>It is passed over, because it says nothing to others.</summary>
    PassOver,
}
