using System.Globalization;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Testing;

namespace Ledgerfold.Tests.Samples;

public sealed class Asking_what_was_known
{
    // begin prices
    public static class Price
    {
        public abstract record Event;
        public sealed record PriceSet(decimal Amount, string Reason) : Event;

        public sealed record State(decimal? Amount, string? Reason);

        public static readonly Decider<State> Decider = new("price", new State(null, null), static (state, fact) =>
            fact is PriceSet set ? new State(set.Amount, set.Reason) : state);

        public static Decision Decide(SetPrice command, State _) =>
            Decision.Of(new Fact(new PriceSet(command.Amount, command.Reason)) { EffectiveAt = command.From });
    }

    public sealed record SetPrice(string Article, decimal Amount, string Reason, DateTimeOffset From);
    // end

    private static readonly Module Prices = new Module("prices")
        .Events(EventTypes.Of<Price.Event>())
        .Decides(Price.Decider, prices => prices.On<SetPrice>(command => command.Article, Price.Decide));

    private static readonly DateTimeOffset Begin = Day("2026-06-01");

    private readonly ManualClock _clock = new(Begin);
    private readonly InMemoryLedger _ledger;

    public Asking_what_was_known() => _ledger = new InMemoryLedger(_clock);

    [Fact]
    public async Task On_Monday_about_last_Friday()
    {
        await WriteHistory();

        // begin ask
        var timelines = new TimelineEngine(_ledger, [Prices]); // in an application it comes from the container
        var tea = timelines.Of(Price.Decider, "tea");
        var friday = Day("2026-06-05").AddHours(12);
        var monday = Day("2026-06-08").AddHours(12);
        var wednesday = Day("2026-06-10").AddHours(12);

        var onMonday = await tea.At(Moment.AsOf(recorded: monday, effective: friday));       // 10.00
        var onWednesday = await tea.At(Moment.AsOf(recorded: wednesday, effective: friday)); // 11.00: the correction
        var today = await tea.At(Moment.AsOf(recorded: wednesday, effective: wednesday));    // 12.00: it does not undo Monday's price
        var asRecorded = await tea.At(Moment.RecordedAt(wednesday));                         // 11.00: the last that was written
        // end

        Assert.Equal(10m, onMonday.OrThrow()!.Amount);
        Assert.Equal(11m, onWednesday.OrThrow()!.Amount);
        Assert.Equal(12m, today.OrThrow()!.Amount);
        Assert.Equal(11m, asRecorded.OrThrow()!.Amount);
        Assert.Equal(10m, (await tea.At(Moment.AsOf(monday, Day("2026-06-07")))).OrThrow()!.Amount);
        Assert.Equal(12m, (await tea.At(Moment.AsOf(monday, monday))).OrThrow()!.Amount);
        Assert.Equal(11m, (await tea.At(Moment.AsOf(wednesday, Day("2026-06-08").AddTicks(-10)))).OrThrow()!.Amount);
        Assert.Equal(12m, (await tea.At(Moment.AsOf(wednesday, Day("2026-06-08")))).OrThrow()!.Amount);
        Assert.Null((await tea.At(Moment.AsOf(wednesday, Begin.AddDays(-1)))).OrThrow()!.Amount);
    }

    [Fact]
    public async Task And_what_changed_who_did_it_and_when_first()
    {
        await WriteHistory();
        var tea = new TimelineEngine(_ledger, [Prices]).Of(Price.Decider, "tea");
        var friday = Day("2026-06-05").AddHours(12);
        var (monday, wednesday) = (Day("2026-06-08").AddHours(12), Day("2026-06-10").AddHours(12));
        var said = new List<string>();

        // begin compare
        var learned = await tea.Compare(Moment.AsOf(monday, friday), Moment.AsOf(wednesday, friday));
        foreach (var change in learned.OrThrow())
            said.Add($"{change}"); // /amount: 10.00 → 11.00, /reason: "list" → "typed too low"

        foreach (var field in (await tea.Blame(Moment.Now)).OrThrow())
            said.Add($"{field.Pointer} is {field.Value}, by {field.By!.Actor} at position {field.By.Position}"); // /amount is 11.00, by bob at position 3

        var first = await tea.FirstChange("/amount");
        said.Add($"{first.OrThrow()!.Change}"); // /amount: null → 10.00
        // end

        Assert.Equal(
            [
                "/amount: 10.00 → 11.00", "/reason: \"list\" → \"typed too low\"",
                "/amount is 11.00, by bob at position 3", "/reason is typed too low, by bob at position 3",
                "/amount: null → 10.00",
            ],
            said);
    }

    [Fact]
    public async Task Step_by_step()
    {
        await WriteHistory();
        var tea = new TimelineEngine(_ledger, [Prices]).Of(Price.Decider, "tea");
        var said = new List<string>();

        // begin steps
        await foreach (var answer in tea.Steps(Moment.AfterVersion(1), Moment.Now))
        {
            switch (answer)
            {
                case TimelineAnswer<Step<Price.State>>.Computed(var step, _, var version):
                    said.Add($"{version}: {step.Event.Type}, {step.Before?.Amount} to {step.After?.Amount}"); // 2: PriceSet, 10.00 to 12.00
                    break;
                case TimelineAnswer<Step<Price.State>>.Failed(var position, var error):
                    said.Add($"the event at {position} cannot be folded: {error}");
                    break;
            }
        }
        // end

        Assert.Equal(["2: PriceSet, 10.00 to 12.00", "3: PriceSet, 12.00 to 11.00"], said);
    }

    [Fact]
    public async Task Of_a_row_and_by_name()
    {
        await using var shop = await RunningShop.Start();
        await shop.Do(new CreateOrder("42", "ada", 30m));
        var token = await shop.Do(new CancelOrder("42", "too late"));
        var progress = new Printed();

        // begin row
        var timelines = new TimelineEngine(shop.Ledger, [Shop.Module]);
        var row = timelines.Of(OrderSummary.Projection, "order-42");
        var before = await row.Reporting(progress).At(Moment.AfterPosition(token - 1)); // Pending

        var order = timelines.OfStream("order-42");                             // by the decider of its category: JSON, or null where nobody knows it
        var summary = timelines.OfProjection("order-summaries", "order-42");    // by name, the newest version brought
        // end

        Assert.Equal(Order.Status.Pending, before.OrThrow()!.Status);
        Assert.Equal("cancelled", (await order!.At(Moment.Now)).OrThrow()!.Value.GetString());
        Assert.Equal(30m, (await summary!.At(Moment.Now)).OrThrow()!.Value.GetProperty("total").GetDecimal());
        Assert.NotEqual(0, progress.Last.Head);

        // begin forget
        timelines.Forget(Tenants.Default, "order-42"); // after something of it was erased
        // end
    }

    private sealed class Printed : IProgress<TimelineProgress>
    {
        public TimelineProgress Last { get; private set; }

        public void Report(TimelineProgress value) => Last = value;
    }

    private async Task WriteHistory()
    {
        await using var commands = new Commands(Prices, _ledger, new CommandsOptions { Clock = _clock });
        await At("2026-06-01", new SetPrice("tea", 10.00m, "list", Day("2026-06-01")), "ada");
        await At("2026-06-08", new SetPrice("tea", 12.00m, "summer list", Day("2026-06-08")), "ada");
        await At("2026-06-10", new SetPrice("tea", 11.00m, "typed too low", Day("2026-06-05")), "bob");

        async Task At(string day, SetPrice command, string actor)
        {
            _clock.Advance(Day(day).AddHours(9) - _clock.GetUtcNow());
            Assert.IsType<CommandAnswer.Accepted>(await commands.Send(command, new CommandOrigin { Actor = actor }));
        }
    }

    private static DateTimeOffset Day(string day) => DateTimeOffset.Parse(day + "T00:00:00Z", CultureInfo.InvariantCulture);
}
