namespace Ledgerfold.Http.Permitting;

/// <summary>What may be done with the events of a category in a tenant.</summary>
public enum Right
{
    /// <summary>Adding events.</summary>
    Append,

    /// <summary>Seeing that events are there: everything about them but what they say.</summary>
    Read,

    /// <summary>Seeing what they say: data and headers. Worth nothing without <see cref="Read"/>.</summary>
    ReadPayload,

    /// <summary>Running what works on them: rebuilding, replaying, stepping in, cancelling.</summary>
    Operate,

    /// <summary>Deciding who may do what.</summary>
    Administer,
}
