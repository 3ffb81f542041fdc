using System.Collections.Immutable;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// What a fold holds back: one key whose event could not be applied, or one stream with an event whose key cannot even be known. Everything
/// else goes on; this stands still until it is released, so that nothing is ever applied out of its order.
/// </summary>
public sealed record HeldKey
{
    /// <summary>Whose it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>The key; null where a whole stream is held.</summary>
    public string? Key { get; init; }

    /// <summary>The stream; null where only a key is held.</summary>
    public string? Stream { get; init; }

    /// <summary>The event that failed the last time.</summary>
    public required long Position { get; init; }

    /// <summary>
    /// From here on nothing was applied: mostly the event that failed. 1 where a key is computed again from its first event; its row stays
    /// as it was until that is done.
    /// </summary>
    public required long From { get; init; }

    /// <summary>
    /// Whether nothing failed under this key, and it is only being computed again, because a stream was released whose events concern it.
    /// </summary>
    public bool IsComputedAgain { get; init; }

    /// <summary>What went wrong at first.</summary>
    public required string FirstError { get; init; }

    /// <summary>What went wrong the last time.</summary>
    public required string LastError { get; init; }

    /// <summary>When it was first held.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>How often it was tried.</summary>
    public required int Attempts { get; init; }

    /// <summary>How many later events wait behind the one that failed, as far as is known.</summary>
    public long Waiting { get; init; }

    internal HeldName Name => new(Tenant, Key, Stream);

    /// <inheritdoc />
    public override string ToString() => $"{(Stream is null ? $"key {Key}" : $"stream {Stream}")} of {Tenant} at {Position}: {LastError}";
}

/// <summary>Names what is held: a key, or a stream.</summary>
internal readonly record struct HeldName(string Tenant, string? Key, string? Stream)
{
    public static HeldName OfKey(string tenant, string key) => new(tenant, key, null);

    public static HeldName OfStream(string tenant, string stream) => new(tenant, null, stream);
}

/// <summary>An event that somebody chose to leave out under one key, and why.</summary>
public sealed record SkippedEvent
{
    /// <summary>Whose it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>The key; null where the stream was held.</summary>
    public string? Key { get; init; }

    /// <summary>The stream; null where the key was held.</summary>
    public string? Stream { get; init; }

    /// <summary>The event.</summary>
    public required long Position { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>When that was decided.</summary>
    public required DateTimeOffset At { get; init; }

    internal HeldName Name => new(Tenant, Key, Stream);
}
