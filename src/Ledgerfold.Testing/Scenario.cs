using System.Collections.Immutable;
using System.Text;
using Ledgerfold.Model;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Xunit;

namespace Ledgerfold.Testing;

/// <summary>
/// Given these events, when this command comes, then these events follow, or it is rejected. Nothing is stored: the deciders of a module
/// are asked as they are. Immutable, each call gives a new one.
/// </summary>
public sealed record Scenario
{
    private readonly Module _module;

    /// <summary>A scenario of a module's commands.</summary>
    public Scenario(Module module) => _module = module;

    private ImmutableArray<object> History { get; init; } = [];

    private CommandOrigin Origin { get; init; } = new();

    private DateTimeOffset Time { get; init; } = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>These events of the subject have happened, behind those given before.</summary>
    public Scenario Given(params ImmutableArray<object> events) => this with { History = History.AddRange(events) };

    /// <summary>The command arrives at this time.</summary>
    public Scenario At(DateTimeOffset time) => this with { Time = time };

    /// <summary>The command comes from here.</summary>
    public Scenario By(CommandOrigin origin) => this with { Origin = origin };

    /// <summary>This command comes.</summary>
    public ScenarioDecision When(object command) => new(_module.EventTypes, _module.Decide(command, History, Origin, Time));
}

/// <summary>What a command led to.</summary>
public sealed class ScenarioDecision
{
    private readonly EventCodec _codec;

    internal ScenarioDecision(EventTypes types, Decision decision)
    {
        _codec = new EventCodec(types);
        Decision = decision;
    }

    /// <summary>The decision.</summary>
    public Decision Decision { get; }

    /// <summary>Exactly these events follow, in this order; none means that there was nothing to do.</summary>
    public void Then(params ImmutableArray<object> events)
    {
        var expected = Spoken(new Decision.Events(events));
        var actual = Spoken(Decision);
        Assert.True(expected == actual, $"Expected:\n{expected}Actual:\n{actual}");
    }

    /// <summary>The command is rejected with this code and, if one is named, for this field, and leaves exactly these events.</summary>
    public void ThenRejected(string code, string? field = null, params ImmutableArray<object> leaving)
    {
        var rejection = Decision as Decision.Rejection;
        var isSo = rejection is not null && rejection.Code == code && (field is null || rejection.Field == field);
        Assert.True(isSo, $"Expected:\n  rejected: {code}{(field is null ? "" : $" ({field})")}\nActual:\n{Spoken(Decision)}");
        var (expected, actual) = (Spoken(leaving), Spoken(rejection!.Facts));
        Assert.True(expected == actual, $"Expected besides the rejection:\n{expected}Actual:\n{actual}");
    }

    /// <summary>Events as they would be stored, so that lists in them are compared by what they hold.</summary>
    private string Spoken(Decision decision)
    {
        if (decision is Decision.Rejection rejection)
            return $"  rejected: {rejection.Code}{(rejection.Field is { } field ? $" ({field})" : "")}\n{Spoken(rejection.Facts)}";
        return Spoken(((Decision.Events)decision).Facts);
    }

    private string Spoken(ImmutableArray<object> facts)
    {
        var text = new StringBuilder();
        foreach (var said in facts)
        {
            var fact = said as Fact ?? new Fact(said);
            var (type, version, data) = _codec.Encode(fact.Event);
            text.Append($"  {type} v{version} {Encoding.UTF8.GetString(data.Span)}");
            if (!fact.Tags.IsDefaultOrEmpty)
                text.Append($" [{string.Join(", ", fact.Tags.Order(StringComparer.Ordinal))}]");
            text.Append(fact.EffectiveAt is { } time ? $" at {time:O}\n" : "\n");
        }

        return text.Length == 0 ? "  nothing\n" : text.ToString();
    }
}
