using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// The instances of a process, each as its last record says, and the latest ones in memory: two halves of which the older is let go of when
/// the younger is full, but never while something in memory is not in the ledger yet. The loop only.
/// </summary>
internal sealed class Instances(ILedger ledger, string process, int countMax)
{
    private Dictionary<InstanceKey, ProcessInstance?> _younger = [];
    private Dictionary<InstanceKey, ProcessInstance?> _older = [];

    /// <summary>The instance as it stands; null where there is none.</summary>
    public ValueTask<ProcessInstance?> Find(InstanceKey key, CancellationToken cancel)
    {
        if (_younger.TryGetValue(key, out var known))
            return new(known);
        if (!_older.TryGetValue(key, out known))
            return Load(key, cancel);
        Keep(key, known);
        return new(known);
    }

    public bool Knows(InstanceKey key) => _younger.ContainsKey(key) || _older.ContainsKey(key);

    public void Keep(InstanceKey key, ProcessInstance? instance) => _younger[key] = instance;

    /// <summary>Everything in memory is in the ledger: what has ended is let go of, and what is too much.</summary>
    public void Settle(IEnumerable<InstanceKey> ended)
    {
        foreach (var key in ended)
        {
            _younger.Remove(key);
            _older.Remove(key);
        }

        if (_younger.Count >= countMax / 2)
            (_older, _younger) = (_younger, []);
    }

    public void Clear()
    {
        _younger = [];
        _older = [];
    }

    /// <summary>The instance as its last record says, whatever is in memory.</summary>
    public static async ValueTask<(ProcessInstance? Instance, RecordedEvent? Record)> Read(
        ILedger ledger, string tenant, string process, string key, CancellationToken cancel)
    {
        // most that are looked for are about to begin, and a head is asked for faster than a read is begun
        if ((await ledger.ReadStreamHead(tenant, ProcessRecords.StreamOf(process, key), cancel)).Version == 0)
            return (null, null);
        var request = new ReadRequest { Tenant = tenant, Query = ProcessRecords.AdvancesOf(process, key), Backward = true, Limit = 1 };
        return await ledger.Read(request, cancel).First() is { } last
            ? (((ProcessEvent.ProcessAdvanced)ProcessRecords.Read(last)).Instance, last)
            : (null, null);
    }

    private async ValueTask<ProcessInstance?> Load(InstanceKey key, CancellationToken cancel)
    {
        var (instance, _) = await Read(ledger, key.Tenant, process, key.Key, cancel);
        Keep(key, instance);
        return instance;
    }
}

/// <summary>Names an instance of a process.</summary>
internal readonly record struct InstanceKey(string Tenant, string Key);
