using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Folding;

public sealed class Injecting_faults
{
    private readonly FoldWorld _world = new();

    private static AppendRequest Request => AppendRequest.To(
        "tally-1", Expectation.Any, new NewEvent { Id = new Guid(7, 7, 7, new byte[8]), Type = "Added", Data = "{}"u8.ToArray() });

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void Loses_the_answer_of_an_append_that_happened_or_did_not(bool happened, int events)
    {
        _world.Ledger.LoseAnswer(happened);

        Assert.IsType<AppendOutcome.Indeterminate>(Append());

        Assert.Equal(events, _world.Do(() => _world.Inner.ReadRange()).Head);
        Assert.Equal(happened, Assert.IsType<AppendOutcome.Appended>(Append()).Repeated);
    }

    [Fact]
    public void Loses_no_answer_that_would_have_been_a_refusal()
    {
        _world.Ledger.LoseAnswer(happened: true);

        var outcome = _world.Do(() => _world.Ledger.Append(AppendRequest.To("tally-1", Expectation.Exactly(9))));

        Assert.IsType<AppendOutcome.WrongVersion>(outcome);
    }

    [Fact]
    public void Answers_and_fails_as_often_as_it_was_asked_to_and_in_that_order()
    {
        _world.Ledger.Answer(new AppendOutcome.Overloaded("full"), times: 2);
        _world.Ledger.Fail(LedgerCall.Append, new IOException("no disk"));

        Assert.IsType<AppendOutcome.Overloaded>(Append());
        Assert.IsType<AppendOutcome.Overloaded>(Append());
        Assert.Throws<IOException>(() => Append());
        Assert.Equal(0, _world.Ledger.Waiting);
        Assert.Equal(1, Assert.IsType<AppendOutcome.Appended>(Append()).Last);
    }

    [Fact]
    public void Holds_a_call_until_it_is_let_go()
    {
        var held = _world.Ledger.Hold(LedgerCall.Append);
        var appending = _world.Begin(() => _world.Ledger.Append(Request));
        Assert.True(held.Arrived.IsCompleted);
        Assert.False(appending.IsCompleted);
        Assert.Equal(0, _world.Do(() => _world.Inner.ReadRange()).Head);

        held.Release();
        _world.Settle();

        Assert.True(appending.IsCompletedSuccessfully);
        Assert.Equal(1, _world.Do(() => _world.Inner.ReadRange()).Head);
    }

    [Fact]
    public void Fails_a_look_and_a_read()
    {
        _world.Ledger.Fail(LedgerCall.LookUp, new IOException("no disk"));
        _world.Ledger.Fail(LedgerCall.Read, new IOException("no disk"));

        Assert.Throws<IOException>(() => _world.Do(() => _world.Ledger.ReadRange()));
        Assert.Throws<IOException>(() => _world.DoTask(() => _world.Ledger.All()));
        Assert.Empty(_world.DoTask(() => _world.Ledger.All()));
    }

    private AppendOutcome Append() => _world.Do(() => _world.Ledger.Append(Request));
}
