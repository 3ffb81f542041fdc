using Ledgerfold.Model.Operating;

namespace Ledgerfold.Model.Tests.Operating;

public sealed class Listing_operations
{
    private readonly OperationWorld _world = new();
    private readonly List<Guid> _work = [];
    private readonly List<Guid> _sweeps = [];

    public Listing_operations()
    {
        var work = new Work(_world.Clock);
        _world.Start(work.Kind, work.Sweeping);
        for (var n = 0; n < 7; n++)
        {
            _work.Insert(0, _world.Begun(new DoSteps(100)));
            _sweeps.Insert(0, _world.Begun(new Sweep(null)));
        }

        _world.Ask(new DoSteps(1), tenant: "other");
    }

    [Fact]
    public void Gives_the_newest_first_page_by_page()
    {
        Assert.Equal(_sweeps.Zip(_work, static (sweep, work) => new[] { sweep, work }).SelectMany(static both => both), All(new OperationSearch { Limit = 4 }));
        Assert.Single(All(new OperationSearch { Tenant = "other" }));
    }

    [Fact]
    public void Gives_those_of_a_kind()
    {
        Assert.Equal(_sweeps, All(new OperationSearch { Kind = "sweep", Limit = 3 }));
        Assert.Empty(All(new OperationSearch { Kind = "other" }));
    }

    [Fact]
    public void Gives_those_that_are_open()
    {
        Assert.Equal(_work, All(new OperationSearch { OpenOnly = true, Limit = 2 }));
        Assert.Empty(All(new OperationSearch { OpenOnly = true, Kind = "sweep" }));
        Assert.Single(All(new OperationSearch { OpenOnly = true, Tenant = "other" }));
    }

    [Fact]
    public void Shows_at_once_what_was_asked_for()
    {
        var engine = _world.Engine;
        var open = _world.Do(async () =>
        {
            var begun = (BeginAnswer.Begun)await engine.Begin(new DoSteps(100), new OperationOrigin("ada", "because"));
            return (begun.Id, (await engine.List(new OperationSearch { OpenOnly = true })).Operations);
        });

        Assert.Equal(open.Id, open.Operations[0].Id);
    }

    [Fact]
    public void Refuses_what_breaks_a_rule()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => All(new OperationSearch { Limit = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => All(new OperationSearch { Limit = 101 }));
        Assert.Throws<ArgumentException>(() => All(new OperationSearch { Tenant = "" }));
        _world.Make();
        Assert.Throws<InvalidOperationException>(() => All(new OperationSearch { OpenOnly = true }));
    }

    private List<Guid> All(OperationSearch search)
    {
        var all = new List<Guid>();
        for (OperationPage? page = null; page is null || page.Next is not null;)
        {
            page = _world.Do(() => _world.Engine.List(search with { Before = page?.Next ?? long.MaxValue }));
            Assert.True(page.Operations.Length <= search.Limit);
            all.AddRange(page.Operations.Select(static one => one.Id));
        }

        return all;
    }
}
