using System.Collections.Immutable;
using Ledgerfold.Model;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Testing.Processing;

/// <summary>
/// Given these events, outcomes and timers, when the next one comes, then a process wants this. Nothing is stored and nothing is done: its
/// definitions are asked as they are, and find instances the way they do in earnest. Immutable, each call gives a new one.
/// </summary>
public sealed record ProcessScenario
{
    private readonly ProcessTrial _trial;
    private readonly EventCodec _codec;

    /// <summary>
    /// A scenario of a process. The modules know its events and handle or perform what its steps ask for; older versions of it that they
    /// run are there as well.
    /// </summary>
    public ProcessScenario(Process process, params ImmutableArray<Module> modules)
    {
        ArgumentNullException.ThrowIfNull(process);
        var older = modules.SelectMany(static module => module.Processes)
            .Where(one => one.Name == process.Name && one.Version < process.Version);
        _trial = new ProcessTrial([process, .. older], modules);
        _codec = new EventCodec(_trial.Types);
    }

    private ImmutableArray<(RecordedEvent Recorded, object Fact)> History { get; init; } = [];

    private ImmutableSortedDictionary<string, ProcessInstance> Instances { get; init; } =
        ImmutableSortedDictionary.Create<string, ProcessInstance>(StringComparer.Ordinal);

    private DateTimeOffset Time { get; init; } = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What comes from here on comes at this time.</summary>
    public ProcessScenario At(DateTimeOffset time) => this with { Time = time };

    /// <summary>So much time passes; timers fire only where the test says so.</summary>
    public ProcessScenario After(TimeSpan time) => this with { Time = Time + time };

    /// <summary>The instance there is goes on by other code: a newer version, or this one mended.</summary>
    public ProcessScenario Goes(Process process, params ImmutableArray<Module> modules) =>
        new ProcessScenario(process, modules) with { History = History, Instances = Instances, Time = Time };

    /// <summary>These events came, and these outcomes and timers were told, in this order.</summary>
    public ProcessScenario Given(params ImmutableArray<object> inputs) =>
        inputs.Aggregate(this, static (scenario, input) => scenario.When(input).And);

    /// <summary>This event comes, or this is told.</summary>
    /// <param name="input">An event, a <see cref="Fact"/> with tags, or something <see cref="Told"/>.</param>
    public ProcessScenarioOutcome When(object input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input is Told told ? Tell(told) : Take(Recorded(input as Fact ?? new Fact(input)));
    }

    private ProcessScenarioOutcome Tell(Told told)
    {
        var instance = told.Key is { } key
            ? Instances.GetValueOrDefault(key) ?? throw new InvalidOperationException($"There is no instance {key} to be told {told}.")
            : Instances.Count == 1
                ? Instances.Values.First()
                : throw new InvalidOperationException(
                    $"There are the instances {string.Join(", ", Instances.Keys)}: say {nameof(Told.To)} whom it is told {told}.");
        var said = told.AsSaidTo(instance);
        var scenario = said is ProcessEvent.TimerFired fired && fired.Due > Time ? At(fired.Due) : this;
        var recorded = scenario.Recorded($"$process-{instance.Process}.{instance.Key}", said.GetType().Name, 1, default, new Fact(said));
        return scenario.Take((recorded, [said]));
    }

    private ProcessScenarioOutcome Take((RecordedEvent Recorded, ImmutableArray<object> Facts) input)
    {
        var scenario = this with { History = History.AddRange(input.Facts.Select(fact => (input.Recorded, fact))) };
        var reactions = ImmutableArray.CreateBuilder<ProcessReaction>();
        foreach (var fact in input.Facts)
            scenario = scenario.Take(input.Recorded, fact, only: null, reactions);
        return new ProcessScenarioOutcome(_trial, scenario, reactions.ToImmutable());
    }

    private ProcessScenario Take(RecordedEvent recorded, object fact, string? only, ImmutableArray<ProcessReaction>.Builder reactions)
    {
        var scenario = this;
        foreach (var reaction in _trial.Take(Instances, recorded, fact, Time).Where(one => only is null || one.Key == only))
        {
            reactions.Add(reaction);
            if (reaction is not { Key: { } key, After: { } after })
                continue;
            scenario = scenario with { Instances = scenario.Instances.SetItem(key, after) };
            while (scenario.Instances[key].Next is { } next)
            {
                foreach (var (waited, said) in History.Where(one => one.Recorded.Position == next))
                    scenario = scenario.Take(waited, said, key, reactions);
            }
        }

        return scenario;
    }

    /// <summary>An event goes through JSON on its way, as it does in earnest.</summary>
    private (RecordedEvent Recorded, ImmutableArray<object> Facts) Recorded(Fact fact)
    {
        var (type, version, data) = _codec.Encode(fact.Event);
        var recorded = Recorded("scenario-1", type, version, data, fact);
        return (recorded, _trial.Read(recorded));
    }

    private RecordedEvent Recorded(string stream, string type, int version, ReadOnlyMemory<byte> data, Fact fact)
    {
        var position = History.IsEmpty ? 1 : History[^1].Recorded.Position + 1;
        return new RecordedEvent
        {
            Position = position,
            Id = new Guid((int)position, 0, 0, new byte[8]),
            Tenant = Tenants.Default,
            Stream = stream,
            Version = position,
            Type = type,
            SchemaVersion = version,
            RecordedAt = Time,
            EffectiveAt = fact.EffectiveAt,
            Tags = fact.Tags,
            ContentType = NewEvent.Json,
            Data = data,
        };
    }
}
