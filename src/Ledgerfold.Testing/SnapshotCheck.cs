using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Deciding;
using Xunit;

namespace Ledgerfold.Testing;

/// <summary>Checks that a decider's state bears being kept: one that is read back goes on as if it had never been away.</summary>
public static class SnapshotCheck
{
    /// <summary>
    /// A snapshot after any of these events, and the events behind it, give the same state as all events do; compared as JSON.
    /// </summary>
    public static void Holds<TState>(Decider<TState> decider, params ImmutableArray<object> events)
    {
        ArgumentNullException.ThrowIfNull(decider);
        var json = decider.Json.GetTypeInfo(typeof(TState));
        var whole = JsonSerializer.Serialize(events.Aggregate(decider.Initial, decider.Apply), json);
        var state = decider.Initial;
        for (var count = 0; count <= events.Length; count++)
        {
            if (count > 0)
                state = decider.Apply(state, events[count - 1]);
            var kept = (TState)JsonSerializer.Deserialize(JsonSerializer.Serialize(state, json), json)!;
            var after = JsonSerializer.Serialize(events.Skip(count).Aggregate(kept, decider.Apply), json);
            Assert.True(whole == after, $"From a snapshot after {count} events:\n  {after}\nFrom all events:\n  {whole}");
        }
    }
}
