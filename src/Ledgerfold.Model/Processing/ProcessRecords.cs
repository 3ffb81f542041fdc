using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Processing;

/// <summary>
/// How processes look in the ledger: one stream for each instance, <c>$process-name.key</c>, with all that reached it and all that it made
/// of that; and <c>$process-name</c> for what is about the process as a whole. Every id follows from what the event is about, so that to
/// record it again changes nothing.
/// </summary>
internal static class ProcessRecords
{
    public const string Category = "$process";

    // Never changes: records, commands and idempotency keys follow from it.
    private static readonly Guid Space = new("9e1d4a0c-7f53-4c6e-8b1a-70726f636573");

    private static readonly string Prefix = Category + "-";

    private static readonly ImmutableArray<string> Inputs =
        [nameof(ProcessEvent.StepAnswered), nameof(ProcessEvent.TimerFired), nameof(ProcessEvent.OperatorActed)];

    public static EventTypes Types { get; } = EventTypes.Of<ProcessEvent>(EventJson.CommandOptions);

    public static EventCodec Codec { get; } = new(Types);

    /// <summary>The stream of an instance; without a key that of the process as a whole.</summary>
    public static string StreamOf(string process, string? key = null) => key is null ? Prefix + process : $"{Prefix}{process}.{key}";

    /// <summary>
    /// The process, and the key of the instance, that a stream is about; no key where it is about the process as a whole.
    /// </summary>
    public static (string Process, string? Key) NamesOf(string stream)
    {
        var name = stream[Prefix.Length..];
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? (name, null) : (name[..dot], name[(dot + 1)..]);
    }

    public static bool IsKey(string key) =>
        key.Length > 0 && Encoding.UTF8.GetByteCount(key) <= Process.KeyBytesMax && Limits.IsStream($"{Prefix}p.{key}");

    /// <summary>What reaches a process beside the events it reacts to.</summary>
    public static QueryItem InputsOf(string process) => new() { Category = Category, Types = Inputs, Tags = [TagOf(process)] };

    /// <summary>The records of an instance.</summary>
    public static EventQuery AdvancesOf(string process, string key) =>
        EventQuery.Of(new QueryItem { Stream = StreamOf(process, key), Types = [nameof(ProcessEvent.ProcessAdvanced)] });

    /// <summary>The records with which instances associated themselves with a value.</summary>
    public static EventQuery AssociatedWith(string process, string association) =>
        EventQuery.Of(new QueryItem { Category = Category, Tags = [TagOf(process, association)] });

    public static string TagOf(string process, string association) => $"{process}.{association}";

    public static Guid IdOfAdvance(ProcessInstance after) => Id($"advance {after.Revision} {after.Process}.{after.Key}");

    public static Guid IdOfMiss(string process, string? key, long position, DateTimeOffset at) =>
        Id($"miss {position} {Times.ToMicros(at)} {process}.{key}");

    /// <summary>The id of a step's command, and the key under which its activity acts.</summary>
    public static Guid IdOfStep(string tenant, string process, string key, int serial) =>
        Id($"step {serial} {tenant.Length} {tenant} {process}.{key}");

    public static Guid IdOfAnswer(string process, string key, int serial) => Id($"answer {serial} {process}.{key}");

    /// <summary>The id of an answer that contradicts the one that was recorded first.</summary>
    public static Guid IdOfContradiction(string process, string key, int serial) => Id($"contradiction {serial} {process}.{key}");

    public static Guid IdOfTry(string process, string key, int serial, int attempt) => Id($"try {serial} {attempt} {process}.{key}");

    public static Guid IdOfTimer(string process, string key, int serial) => Id($"timer {serial} {process}.{key}");

    /// <summary>An event of a process as it is recorded.</summary>
    public static NewEvent Write(ProcessEvent said, Guid id, Cause? cause, string? correlationId, string? actor = null)
    {
        var (type, version, data) = Codec.Encode(said);
        return new NewEvent
        {
            Id = id,
            Type = type,
            SchemaVersion = version,
            Data = data,
            CorrelationId = correlationId,
            CausationId = cause?.Id.ToString(),
            Actor = actor,
            TraceParent = cause?.TraceParent,
            Tags = TagsOf(said),
        };
    }

    /// <summary>What an event of a process says.</summary>
    /// <exception cref="InvalidDataException">This code cannot read it.</exception>
    public static ProcessEvent Read(RecordedEvent recorded) => Codec.Decode(recorded) is { Problem: null, Count: 1 } decoded
        ? (ProcessEvent)decoded[0]
        : throw new InvalidDataException($"The event at {recorded.Position} cannot be read.");

    /// <summary>As much of a text as a record or a row has room for.</summary>
    public static string Cut(string text, int lengthMax) => text.Length <= lengthMax ? text : text[..lengthMax];

    private static ImmutableArray<string> TagsOf(ProcessEvent said) => said switch
    {
        ProcessEvent.StepAnswered one => [TagOf(one.Process)],
        ProcessEvent.TimerFired one => [TagOf(one.Process)],
        ProcessEvent.OperatorActed one => [TagOf(one.Process)],
        ProcessEvent.ProcessAdvanced { Out: var outputs, Instance: var instance } => [.. outputs
            .Where(static one => one.Kind == ProcessOutputKind.Associated)
            .Select(one => TagOf(instance.Process, one.Detail!))
            .Distinct(StringComparer.Ordinal)],
        _ => [],
    };

    private static string TagOf(string process) => $"process:{process}";

    private static Guid Id(string name) => NameBasedId.Of(Space, Encoding.UTF8.GetBytes(name));
}

/// <summary>What led to an event, and the trace it goes on.</summary>
internal readonly record struct Cause(Guid Id, string? TraceParent)
{
    /// <summary>An event, in the trace in which it is taken up; in its own where nobody traces that.</summary>
    public static Cause Of(RecordedEvent recorded, Activity? trace = null) => new(recorded.Id, trace?.Id ?? recorded.TraceParent);
}
