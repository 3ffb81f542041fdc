using Ledgerfold.Model.Operating;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Operating;

public sealed class Asking_for_an_operation
{
    private readonly OperationWorld _world = new(options: new OperationOptions { OpenMax = 3 });
    private readonly Work _work;

    public Asking_for_an_operation()
    {
        _work = new Work(_world.Clock);
        _world.Start(_work.Kind, _work.Sweeping, new Operation<Note>("note") { Run = static (_, _) => Task.FromResult<object?>(null) });
    }

    [Fact]
    public void Is_the_same_operation_under_the_same_id()
    {
        var id = _world.NextId();

        Assert.Equal(new BeginAnswer.Begun(id, Repeated: false), _world.Ask(new DoSteps(2), id));
        Assert.Equal(new BeginAnswer.Begun(id, Repeated: true), _world.Ask(new DoSteps(2), id));
        _world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(new BeginAnswer.Begun(id, Repeated: true), _world.Ask(new DoSteps(2), id));
        _world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal([0, 1], _work.Done);
        Assert.Equal(OperationPhase.Completed, _world.Find(id).Phase);
    }

    [Fact]
    public void Is_refused_where_the_id_stands_for_something_else()
    {
        var id = _world.NextId();
        _world.Ask(new DoSteps(2), id);

        Assert.Equal("id", Assert.IsType<BeginAnswer.Refused>(_world.Ask(new DoSteps(3), id)).Field);
        Assert.Equal("id", Assert.IsType<BeginAnswer.Refused>(_world.Ask(new Sweep(null), id)).Field);
        Assert.IsType<BeginAnswer.Begun>(_world.Ask(new DoSteps(3), id, tenant: "other"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Is_begun_once_however_often_the_answer_is_lost(int times)
    {
        for (var time = 0; time < times; time++)
            _world.Faulty.LoseAnswer(happened: time % 2 == 0);
        var id = _world.NextId();
        var asked = _world.Begin(() => _world.Engine.Begin(new DoSteps(1, "it"), new OperationOrigin("ada", "because") { Id = id }));
        _world.Pass(TimeSpan.FromMinutes(3));

        Assert.Equal(id, Assert.IsType<BeginAnswer.Begun>(_world.DoTask(() => asked)).Id);
        Assert.Equal(["Begun", "Taken", "Saved", "Ended"], _world.TypesOf(id));
    }

    [Fact]
    public void Says_that_the_ledger_takes_nothing_and_can_be_asked_again()
    {
        _world.Faulty.Answer(new AppendOutcome.ReadOnly("the disk is full"), times: 5);
        var id = _world.NextId();
        var asked = _world.Begin(() => _world.Engine.Begin(new DoSteps(1), new OperationOrigin("ada", "because") { Id = id }));
        _world.Pass(TimeSpan.FromMinutes(3));

        Assert.Equal(id, Assert.IsType<BeginAnswer.Unavailable>(_world.DoTask(() => asked)).Id);
        Assert.Equal(new BeginAnswer.Begun(id, Repeated: false), _world.Ask(new DoSteps(1), id));
    }

    [Fact]
    public void Is_refused_where_it_breaks_a_rule()
    {
        Assert.Equal("request", FieldOf("a text", new OperationOrigin("ada", "because")));
        Assert.Equal("request", FieldOf(new Note(new string('x', OperationRecords.JsonBytesMax)), new OperationOrigin("ada", "because")));
        Assert.Equal("reason", FieldOf(new DoSteps(1), new OperationOrigin("ada", "")));
        Assert.Equal("reason", FieldOf(new DoSteps(1), new OperationOrigin("ada", new string('x', 1_001))));
        Assert.Equal("actor", FieldOf(new DoSteps(1), new OperationOrigin("", "because")));
        Assert.Equal("tenant", FieldOf(new DoSteps(1), new OperationOrigin("ada", "because") { Tenant = "" }));
        Assert.Equal("correlationId", FieldOf(new DoSteps(1), new OperationOrigin("ada", "because") { CorrelationId = new string('c', 501) }).Split('.')[^1]);
        Assert.Equal("subject", FieldOf(new DoSteps(1, new string('s', 401)), new OperationOrigin("ada", "because")));
        Assert.Equal("subject", FieldOf(new DoSteps(1, "two\nlines"), new OperationOrigin("ada", "because")));
        Assert.Empty(_world.Do(() => _world.Engine.List(new OperationSearch())).Operations);
    }

    [Fact]
    public void Is_refused_where_too_many_are_open()
    {
        Guid[] ids = [.. Enumerable.Range(0, 3).Select(_ => _world.Begun(new DoSteps(3)))];

        Assert.Equal("operations", Assert.IsType<BeginAnswer.Refused>(_world.Ask(new DoSteps(3))).Field);
        Assert.Equal(new BeginAnswer.Begun(ids[0], Repeated: true), _world.Ask(new DoSteps(3), ids[0]));
        _world.Pass(TimeSpan.FromSeconds(3));
        Assert.IsType<BeginAnswer.Begun>(_world.Ask(new DoSteps(3)));
    }

    [Fact]
    public void Waits_for_an_engine_that_is_started()
    {
        var world = new OperationWorld();
        var work = new Work(world.Clock);
        world.Make(work.Kind);
        var id = world.Begun(new DoSteps(1));
        world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal((OperationPhase.Waiting, "Nothing runs here: the engine is not started."), (world.Find(id).Phase, world.Find(id).Waits));

        world.Do(() => world.Engine.Start());
        world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(OperationPhase.Completed, world.Find(id).Phase);
    }

    [Fact]
    public void Needs_kinds_that_differ()
    {
        Assert.Throws<ArgumentException>(() => _world.Make(_work.Kind, _work.Kind with { Subject = null }));
        Assert.Throws<ArgumentException>(() => _world.Make(_work.Kind, new Operation<DoSteps>("other") { Run = (_, _) => Task.FromResult<object?>(null) }));
        Assert.Throws<ArgumentException>(() => new Operation<int>("$mine") { Run = (_, _) => Task.FromResult<object?>(null) });
        Assert.Throws<ArgumentException>(() => new Operation<int>(new string('n', 65)) { Run = (_, _) => Task.FromResult<object?>(null) });
        Assert.Throws<ArgumentException>(() => new Module("m").Operates(_work.Kind).Operates(_work.Kind));
        Assert.Equal("work", Assert.Single(new Module("m").Operates(_work.Kind).Operations).Name);
    }

    private string FieldOf<TRequest>(TRequest request, OperationOrigin origin)
        where TRequest : notnull => Assert.IsType<BeginAnswer.Refused>(_world.Do(() => _world.Engine.Begin(request, origin))).Field;

    private sealed record Note(string Text);
}
