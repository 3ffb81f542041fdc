using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Folding;
using Ledgerfold.Testing;
using Xunit.Sdk;

namespace Ledgerfold.Model.Tests.Folding;

public sealed class Writing_a_projection_down
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FoldScenario<Tally> _tallies = new(new Module("tallies").Events(Tally.Types), Tally.Projection());

    [Fact]
    public void Says_which_rows_follow_from_events()
    {
        var scenario = _tallies
            .Given("tally-1", new Tally.Added("a", 1), new Tally.Moved("a", "b", 1))
            .Given("other-1", new Tally.Added("a", 5))
            .Given("tally-2", new Tally.Added("a", 2));

        scenario.Then("a", new Tally(3, "1,2,4"));
        scenario.Then("b", new Tally(0, "2"));
        scenario.Given("tally-1", new Tally.Cleared("a")).Then("a", null);
        _tallies.Then("a", null);
    }

    [Fact]
    public void Tells_what_came_instead()
    {
        var wrong = Assert.ThrowsAny<XunitException>(() => _tallies.Given("tally-1", new Tally.Added("a", 1)).Then("a", new Tally(2, "1")));

        Assert.Contains("""{"sum":1,"trail":"1","label":null}""", wrong.Message);
    }

    [Fact]
    public void Gives_events_their_place_time_and_tags()
    {
        var seen = new Projection<string>("seen")
        {
            Apply = static (before, _, one) => $"{before}{one.Stream} v{one.Version} {one.RecordedAt:HH} {one.EffectiveAt:HH} {string.Join(' ', one.Tags)};",
        };
        new FoldScenario<string>(new Module("tallies").Events(Tally.Types), seen).At(Noon)
            .Given("tally-1", new Tally.Added("a", 1), new Fact(new Tally.Added("a", 1)) { Tags = ["x:1"], EffectiveAt = Noon.AddHours(-2) })
            .Then(Projection.WholeKey, "tally-1 v1 12  ;tally-1 v2 12 10 x:1;");
    }
}
