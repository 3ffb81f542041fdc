using Ledgerfold.Simulation.Bank;
using Ledgerfold.Testing;

namespace Ledgerfold.Simulation.Wires;

/// <summary>What may happen next in a bank with wires, beside all that happens in one without.</summary>
internal sealed class WireActs(BankWorld bank)
{
    private const int EnginesMax = 4;

    private int _requests;
    private int _begun;

    private WireWorld World => bank.Wires!;

    private WirePlan Plan => World.Plan;

    private SeededRandom Random => bank.Random;

    /// <summary>Whether the accounts are still to be opened, and something paid in, so that there is money to send.</summary>
    public bool IsBeginning => _begun < 2 * bank.Plan.Accounts;

    /// <summary>A command that somebody may send.</summary>
    public object Draw() => IsBeginning ? Begin(_begun++) : Random.Below(11) switch
    {
        10 => new Deposit(Account(), "d0", Random.Between(20, 60)),
        < 6 => DrawRequest(),
        6 => new CancelWire(Wire()),
        7 => new TakeNotice($"R{Random.Between(1, 9)}", !Random.OneIn(4)),
        _ => new RequestWire($"v{++_requests}", _requests, Account(), Account(), Random.Between(1, 12)),
    };

    /// <summary>A request of a wire that may be asked for more than once.</summary>
    public RequestWire DrawRequest() => new(Wire(), ++_requests, Account(), Account(), Random.Between(1, 12));

    /// <summary>What the clearing house says of what it sent.</summary>
    public object? NextNotice() => World.House.Notices.TryDequeue(out var notice) ? notice : null;

    public void One(BankProcess process)
    {
        switch (Random.Below(10))
        {
            case < 6:
                Pass(Random.Pick<int>([200, 500, 1000, 3000, 10_000]));
                break;
            case 6 when Plan.GoesDown:
                World.House.IsDown = !World.House.IsDown;
                bank.Say(World.House.IsDown ? "the clearing house is out of reach" : "the clearing house is there again");
                break;
            case 7 when Plan.ClockJumps:
                Jump();
                break;
            case 8 when Plan.SecondEngines && process.ProcessEngines.Count < EnginesMax:
                BeginSecond(process);
                break;
        }
    }

    private void Pass(int milliseconds)
    {
        bank.Say($"{milliseconds} ms pass");
        bank.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
    }

    private void Jump()
    {
        var by = TimeSpan.FromSeconds(Random.Pick<int>([-100, -20, -3, 3, 20, 100]));
        World.Look();
        bank.Say($"the wall clock is set by {by}");
        bank.Clock.ShiftWallClock(by);
        bank.Marks.Hit("wires: the wall clock was set forward", by > TimeSpan.Zero);
        bank.Marks.Hit("wires: the wall clock was set back", by < TimeSpan.Zero);
    }

    /// <summary>A copy of the engine beside one that is not told.</summary>
    public void BeginSecond(BankProcess process)
    {
        try
        {
            bank.Say("a second engine of the processes begins");
            World.Begin(process);
            bank.Marks.Hit("wires: a second engine began");
        }
        catch (Exception failure) when (bank.IsExplained(failure, process))
        {
            bank.Say($"  it met {failure.Message}");
        }
    }

    private object Begin(int step) => step % 2 == 0
        ? new OpenAccount($"a{step / 2}", "o0")
        : new Deposit($"a{step / 2}", "d0", Random.Between(0, 100));

    private string Wire() => $"w{Random.Below(Plan.Wires)}";

    /// <summary>Mostly one that is open.</summary>
    private string Account()
    {
        var drawn = $"a{Random.Below(bank.Plan.Accounts)}";
        return bank.History.Now.IsOpen(drawn) || Random.OneIn(6) ? drawn : "a0";
    }
}
