namespace Ledgerfold.Model.Events;

/// <summary>
/// What happens to an event of a type that the module does not know, where a query finds one. An event that it does know and cannot read,
/// because newer code wrote it or its bytes are not what they should be, is never passed over.
/// </summary>
public enum UnknownEvents
{
    /// <summary>
    /// It stands in the way: a projection holds its stream, a command is answered that it is unreadable. So nothing is decided or shown
    /// without an event that might matter.
    /// </summary>
    Refuse,

    /// <summary>It is passed over, as somebody else's: for queries over tags, or over everything, that meet other modules.</summary>
    PassOver,
}
