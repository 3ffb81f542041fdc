using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>An event that reaches a process, read once: what it says, and whom it names.</summary>
internal sealed record Arrival(RecordedEvent Recorded)
{
    /// <summary>What the platform says of an instance with it; null where it is an event of the business.</summary>
    public ProcessEvent? Own { get; init; }

    /// <summary>What it says otherwise: mostly one fact.</summary>
    public IReadOnlyList<FactReached> Facts { get; init; } = [];

    /// <summary>The keys of the instances that it names.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Why nobody can say whom it reaches; null where it can be said.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether instances have to be looked for that associated themselves.</summary>
    public bool LooksForAssociations => Facts.Any(static fact => fact.Associations.Count > 0);

    /// <summary>What an instance is told. Whether a fact is for the instance is for the process to say.</summary>
    public IReadOnlyList<Input> InputsAt(DateTimeOffset at, long turn) => Own is not null
        ? [new Input(Recorded, Own, at) { Turn = turn }]
        : [.. Facts.Select(fact => new Input(Recorded, fact.Fact, at) { Turn = turn })];
}

/// <summary>A fact, and by which associations it finds instances.</summary>
internal sealed record FactReached(object Fact, IReadOnlyList<string> Keys, IReadOnlyList<string> Associations);
