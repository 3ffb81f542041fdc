using Ledgerfold.Model.Processing;
using Ledgerfold.Simulation.Bank;

namespace Ledgerfold.Simulation.Wires;

/// <summary>Timers have numbers of their own, fire once, under the name they were set with and never before they are due.</summary>
internal sealed class TimerOracle(BankWorld bank)
{
    private readonly Dictionary<(string Key, int Serial), (string Name, DateTimeOffset Due)> _set = [];
    private readonly HashSet<(string Key, int Serial)> _fired = [];
    private readonly HashSet<(string Key, int Serial)> _over = [];

    /// <summary>An instance may have set timers, moved them and taken them away.</summary>
    public void Add(ProcessEvent.ProcessAdvanced advanced)
    {
        var instance = advanced.Instance;
        foreach (var output in advanced.Out)
        {
            var id = (instance.Key, output.Serial);
            if (output.Kind is ProcessOutputKind.TimerEnded)
                _over.Add(id);
            if (output.Kind is not (ProcessOutputKind.TimerSet or ProcessOutputKind.TimerMoved))
                continue;
            var due = DateTimeOffset.Parse(output.Detail!, System.Globalization.CultureInfo.InvariantCulture);
            if (!_set.TryAdd(id, (output.Name!, due)))
                throw new OracleException("timers", $"{instance.Key} gives the number {output.Serial} to a timer again");
        }
    }

    public void Check(ProcessEvent.TimerFired fired)
    {
        var id = (fired.Key, fired.Serial);
        if (!_set.TryGetValue(id, out var timer) || timer != (fired.Name, fired.Due))
            throw new OracleException("timers", $"{fired} was never set, but {timer}");
        if (!_fired.Add(id))
            throw new OracleException("timers", $"{fired} came twice");
        if (fired.Due > bank.Wires!.LatestTime)
            throw new OracleException("timers", $"{fired} came before its time, at {bank.Wires.LatestTime:O}");
        bank.Marks.Hit("wires: a timer fired");
        bank.Marks.Hit("wires: a timer fired that was over", _over.Contains(id));
    }
}
