using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Tests.Domain;
using Ledgerfold.Testing;
using Xunit.Sdk;

namespace Ledgerfold.Model.Tests.Deciding;

public sealed class Keeping_a_state_as_a_snapshot
{
    private sealed record Forgetful(int Count)
    {
        [JsonIgnore]
        public ImmutableList<string> Seen { get; init; } = [];
    }

    [Fact]
    public void Holds_for_a_state_that_json_can_say() =>
        SnapshotCheck.Holds(Account.Decider, new Account.Deposited(5), new Account.Withdrawn(2), new Account.Deposited(1));

    [Fact]
    public void Is_seen_not_to_hold_for_a_state_that_json_cuts()
    {
        var decider = new Decider<Forgetful>("set", new(0), static (state, fact) =>
            state.Seen.Contains((string)fact) ? state : new(state.Count + 1) { Seen = state.Seen.Add((string)fact) });

        SnapshotCheck.Holds(decider, "a", "b");
        var wrong = Assert.ThrowsAny<XunitException>(() => SnapshotCheck.Holds(decider, "a", "b", "a"));
        Assert.Contains("From a snapshot after 1 events:", wrong.Message);
    }

    [Theory]
    [InlineData(0, 4, false)]
    [InlineData(0, 5, true)]
    [InlineData(5, 9, false)]
    [InlineData(5, 10, true)]
    [InlineData(5, 900, true)]
    public void Is_due_once_in_so_many_events(long last, long now, bool due) =>
        Assert.Equal((due, false), (SnapshotPolicy.Every(5).IsDue(last, now, TimeSpan.MaxValue - TimeSpan.FromTicks(1)), SnapshotPolicy.None.IsDue(last, now, TimeSpan.Zero)));

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    public void Is_due_when_loading_takes_long(int milliseconds, bool due)
    {
        var policy = SnapshotPolicy.WhenLoadingTakes(TimeSpan.FromMilliseconds(10));

        Assert.Equal(due, policy.IsDue(0, 1_000_000, TimeSpan.FromMilliseconds(milliseconds)));
    }
}
