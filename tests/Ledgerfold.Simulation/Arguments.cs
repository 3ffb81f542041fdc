namespace Ledgerfold.Simulation;

/// <summary>What was asked on the command line.</summary>
internal sealed class Arguments
{
    public Arguments(string[] args)
    {
        for (var a = 0; a < args.Length; a++)
        {
            switch (args[a])
            {
                case "--seeds" when a + 1 < args.Length:
                    Seeds = int.Parse(args[++a]);
                    break;
                case "--seed" when a + 1 < args.Length:
                    Seed = ulong.Parse(args[++a]);
                    break;
                case "--bug" when a + 1 < args.Length:
                    Bug = args[++a];
                    break;
                case "--folds":
                    IsFoldsOnly = true;
                    break;
                case "--bank":
                    IsBankOnly = true;
                    break;
                case "--wires":
                    IsWiresOnly = true;
                    break;
                case "--zoo":
                    IsZoo = true;
                    break;
                default:
                    IsHelp = true;
                    break;
            }
        }
    }

    /// <summary>How many seeds, beginning with <see cref="Seed"/> or 1.</summary>
    public int? Seeds { get; }

    /// <summary>The first seed, or the only one.</summary>
    public ulong? Seed { get; }

    /// <summary>The one bug to let loose.</summary>
    public string? Bug { get; }

    /// <summary>Every seed runs a fold store and nothing else.</summary>
    public bool IsFoldsOnly { get; }

    /// <summary>Every seed runs a bank and nothing else.</summary>
    public bool IsBankOnly { get; }

    /// <summary>Every seed runs a bank with wires and nothing else.</summary>
    public bool IsWiresOnly { get; }

    public bool IsZoo { get; }

    public bool IsHelp { get; }

    public static int Help()
    {
        Console.Error.WriteLine("usage: [--seeds N] [--seed FIRST] [--folds | --bank | --wires] | --zoo [--bug NAME]");
        return 2;
    }
}
