using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// An event on its way into a fold: what it says under which keys, or why that cannot be known. Mostly one fact under one key, and then
/// nothing is allocated for it but the fact.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct KeyedEvent
{
    private KeyedEvent(RecordedEvent recorded, FactsOfKey one)
    {
        Recorded = recorded;
        One = one;
    }

    private KeyedEvent(RecordedEvent recorded, ImmutableArray<FactsOfKey> several)
    {
        Recorded = recorded;
        Several = several;
    }

    private KeyedEvent(RecordedEvent recorded, string problem)
    {
        Recorded = recorded;
        Problem = problem;
    }

    public RecordedEvent Recorded { get; }

    /// <summary>Why it cannot be folded; its whole stream has to wait then, because whom it concerns is unknown.</summary>
    public string? Problem { get; }

    public int Count => One.Key is not null ? 1 : Several.IsDefault ? 0 : Several.Length;

    private FactsOfKey One { get; }

    private ImmutableArray<FactsOfKey> Several { get; }

    public FactsOfKey this[int index] => One.Key is not null ? One : Several[index];

    public static KeyedEvent Read(Projection projection, EventCodec codec, RecordedEvent recorded)
    {
        try
        {
            var facts = codec.Decode(recorded, projection.Unknown);
            if (facts.Problem is { } problem)
                return new KeyedEvent(recorded, problem.ToString());
            if (facts.Count == 1 && projection.Keys is null)
                return ReadOne(projection, recorded, facts[0]);
            return facts.Count == 0 ? new KeyedEvent(recorded, []) : ReadSeveral(projection, recorded, facts);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return new KeyedEvent(recorded, $"its key cannot be known: {FoldError.Say(failure)}");
        }
    }

    private static KeyedEvent ReadOne(Projection projection, RecordedEvent recorded, object fact)
    {
        var key = projection.Key(fact, recorded);
        if (key is null)
            return new KeyedEvent(recorded, []);
        return RowKeys.IsKey(key) ? new KeyedEvent(recorded, new FactsOfKey(key, fact, [])) : NoKey(recorded, key);
    }

    private static KeyedEvent ReadSeveral(Projection projection, RecordedEvent recorded, Decoded facts)
    {
        var several = ImmutableArray.CreateBuilder<FactsOfKey>();
        for (var f = 0; f < facts.Count; f++)
        {
            foreach (var key in projection.KeysOf(facts[f], recorded))
            {
                if (!RowKeys.IsKey(key))
                    return NoKey(recorded, key);
                Add(several, key, facts[f]);
            }
        }

        return new KeyedEvent(recorded, several.DrainToImmutable());
    }

    private static void Add(ImmutableArray<FactsOfKey>.Builder several, string key, object fact)
    {
        for (var k = 0; k < several.Count; k++)
        {
            if (several[k].Key == key)
            {
                several[k] = several[k] with { More = several[k].More.Add(fact) };
                return;
            }
        }

        several.Add(new FactsOfKey(key, fact, []));
    }

    private static KeyedEvent NoKey(RecordedEvent recorded, string? key) =>
        new(recorded, $"'{key}' is no key: 1 to {Limits.NameBytesMax - 2} bytes of UTF-8 without control characters");
}

/// <summary>
/// What one event says under one key: one fact, and more where an upcast made several of it. All of it is applied, or nothing.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FactsOfKey(string Key, object First, ImmutableArray<object> More)
{
    public object? ApplyTo(object? state, Projection projection, RecordedEvent recorded)
    {
        state = projection.ApplyFact(state, First, recorded);
        foreach (var fact in More)
            state = projection.ApplyFact(state, fact, recorded);
        return state;
    }
}
