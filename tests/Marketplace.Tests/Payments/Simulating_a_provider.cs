using System.Text.Json;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;
using Marketplace.Amounts;
using Marketplace.Payments;
using Marketplace.Payments.Simulation;
using static Marketplace.Tests.Payments.PaymentFacts;

namespace Marketplace.Tests.Payments;

public sealed class Simulating_a_provider : IDisposable
{
    private static readonly ProviderAnswer Held = new ProviderAnswer.Held("A1", Start);

    private readonly ManualClock _clock = new();
    private readonly SimulatedProvider _provider;

    public Simulating_a_provider() => _provider = new SimulatedProvider(new SimulatedDisk(seed: 1), _clock);

    [Fact]
    public async Task Approves_where_no_script_says_otherwise()
    {
        Assert.Equal(Held, await Authorize("k1"));
        Assert.Equal(Held, await Query("k1"));
        Assert.True(Assert.Single(_provider.Holds()).IsHeld(Start));
    }

    [Fact]
    public async Task Takes_what_a_script_says_in_order_and_per_card()
    {
        _provider.Script("tok", ProviderOutcome.Decline);
        _provider.Script("tok", ProviderOutcome.ErrorOnce, ProviderOutcome.Decline);

        Assert.IsType<ProviderAnswer.Declined>(await Authorize("k1"));
        Assert.IsType<ProviderAnswer.Held>(await Authorize("k2", "other"));
        await Assert.ThrowsAsync<ProviderErrorException>(() => Authorize("k3"));
        Assert.IsType<ProviderAnswer.NotFound>(await Query("k3"));
        Assert.IsType<ProviderAnswer.Declined>(await Authorize("k3"));
        Assert.IsType<ProviderAnswer.Held>(await Authorize("k4"));
    }

    [Fact]
    public async Task Answers_a_key_as_before_and_takes_nothing_from_the_script_for_it()
    {
        _provider.Script("tok", ProviderOutcome.Approve, ProviderOutcome.Decline);

        Assert.Equal(await Authorize("k1"), await Authorize("k1"));
        Assert.IsType<ProviderAnswer.Declined>(await Authorize("k2"));
        Assert.IsType<ProviderAnswer.Declined>(await Authorize("k2"));
        Assert.Equal("KEY_REUSED", Assert.IsType<ProviderAnswer.Refused>(await Authorize("k1", amount: 99)).Code);
        Assert.Equal("KEY_REUSED", Assert.IsType<ProviderAnswer.Refused>(await Authorize("k1", "other")).Code);
    }

    [Fact]
    public async Task Never_answers_a_timeout_and_knows_of_nothing()
    {
        _provider.Script("tok", ProviderOutcome.Timeout);
        using var patience = new CancellationTokenSource();
        var asked = _provider.Authorize("k1", "tok", Eur(100_00), patience.Token);

        _clock.Advance(TimeSpan.FromDays(1));
        Assert.False(asked.IsCompleted);
        Assert.IsType<ProviderAnswer.NotFound>(await Query("k1"));
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Empty(_provider.Holds());
    }

    [Fact]
    public async Task Approves_late_whether_or_not_anybody_still_waits()
    {
        _provider.Script("tok", ProviderOutcome.LateApprove, ProviderOutcome.LateApprove);
        using var patience = new CancellationTokenSource();
        var waits = Authorize("k1");
        var gone = _provider.Authorize("k2", "tok", Eur(100_00), patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);

        _clock.Advance(SimulatedProvider.LateBy - Tick);
        Assert.IsType<ProviderAnswer.Pending>(await Query("k1"));
        Assert.IsType<ProviderAnswer.Pending>(await _provider.Void("k2", Cancel));
        Assert.False(waits.IsCompleted);
        _clock.Advance(Tick);

        Assert.Equal(new ProviderAnswer.Held("A1", Start + SimulatedProvider.LateBy), await waits);
        Assert.IsType<ProviderAnswer.Held>(await Query("k2"));
        Assert.IsType<ProviderAnswer.Released>(await _provider.Void("k2", Cancel));
        Assert.IsType<ProviderAnswer.Released>(await Query("k2"));
    }

    [Fact]
    public async Task Never_holds_anything_under_a_key_that_was_given_up()
    {
        Assert.IsType<ProviderAnswer.Released>(await _provider.Void("k1", Cancel));
        Assert.IsType<ProviderAnswer.Released>(await Authorize("k1"));
        Assert.Empty(_provider.Holds());
    }

    [Fact]
    public async Task Holds_once_per_key_however_many_ask_at_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(n =>
            Task.Factory.StartNew(() => Authorize($"k{n % 20}"), Cancel, TaskCreationOptions.None, TaskScheduler.Default).Unwrap()));

        Assert.Equal(20, _provider.Holds().Length);
        Assert.Equal(20, answers.Distinct().Count());
    }

    [Fact]
    public async Task Captures_and_refunds_no_more_than_there_is_and_each_key_once()
    {
        await Authorize("k1");

        Assert.Equal("NOT_CAPTURED", Code(await _provider.Refund("k1", "r1", Eur(1), Cancel)));
        for (var time = 0; time < 2; time++)
            Assert.IsType<ProviderAnswer.Moved>(await _provider.Capture("k1", "c1", Eur(60_00), Cancel));
        Assert.Equal("KEY_REUSED", Code(await _provider.Capture("k1", "c1", Eur(1), Cancel)));
        Assert.Equal("NOT_HELD", Code(await _provider.Capture("k1", "c2", Eur(40_01), Cancel)));
        for (var time = 0; time < 2; time++)
            Assert.IsType<ProviderAnswer.Moved>(await _provider.Refund("k1", "r1", Eur(59_99), Cancel));
        Assert.Equal("NOT_CAPTURED", Code(await _provider.Refund("k1", "r2", Eur(2), Cancel)));
        Assert.Equal("HOLD_CAPTURED", Code(await _provider.Void("k1", Cancel)));
        var hold = Assert.Single(_provider.Holds());
        Assert.Equal((Eur(60_00), Eur(59_99)), (hold.Captured, hold.Refunded));
    }

    [Fact]
    public async Task Captures_until_its_hold_lapses_and_nothing_that_was_given_up()
    {
        await Authorize("k1");
        await Authorize("k2");
        await _provider.Void("k2", Cancel);

        Assert.Equal("HOLD_RELEASED", Code(await _provider.Capture("k2", "c1", Eur(1), Cancel)));
        Assert.Equal("NOT_HELD", Code(await _provider.Capture("k3", "c1", Eur(1), Cancel)));
        _clock.Advance(ProviderHold.Lasts - Tick);
        Assert.IsType<ProviderAnswer.Moved>(await _provider.Capture("k1", "c1", Eur(1), Cancel));
        _clock.Advance(Tick);
        Assert.Equal("HOLD_EXPIRED", Code(await _provider.Capture("k1", "c2", Eur(1), Cancel)));
        Assert.DoesNotContain(_provider.Holds(), hold => hold.IsHeld(_clock.GetUtcNow()));
    }

    [Theory]
    [InlineData("approve", ProviderOutcome.Approve)]
    [InlineData("decline", ProviderOutcome.Decline)]
    [InlineData("timeout", ProviderOutcome.Timeout)]
    [InlineData("late-approve", ProviderOutcome.LateApprove)]
    [InlineData("error-once", ProviderOutcome.ErrorOnce)]
    public void Reads_a_script_by_its_words(string word, ProviderOutcome outcome) =>
        Assert.Equal(outcome, JsonSerializer.Deserialize<ProviderOutcome>($"\"{word}\"", Ledgerfold.Model.Events.EventJson.Options));

    public void Dispose() => _provider.Dispose();

    private Task<ProviderAnswer> Authorize(string key, string card = "tok", long amount = 100_00) =>
        _provider.Authorize(key, card, Eur(amount), Cancel);

    private Task<ProviderAnswer> Query(string key) => _provider.Query(key, Cancel);

    private static string Code(ProviderAnswer answer) => Assert.IsType<ProviderAnswer.Refused>(answer).Code;
}
