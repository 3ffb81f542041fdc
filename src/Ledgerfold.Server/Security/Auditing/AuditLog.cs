using System.Collections.Immutable;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Seams;
using Ledgerfold.Server.Security.Counting;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Security.Auditing;

/// <summary>
/// Remembers what administrators did and what was denied. Acts, and denials of those who are known, are on disk before their caller is
/// answered; of denials each principal has so many a minute, and more are counted. Denials of those who are not known are only counted.
/// Counts are written once the minute is over, and when the log is closed. Any thread.
/// </summary>
internal sealed class AuditLog : IAsyncDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ILedger _ledger;
    private readonly TimeProvider _clock;
    private readonly IChance _chance;
    private readonly AuditOptions _options;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();

    // Under the lock: the minute that is being counted.
    private Dictionary<string, long> _denied = [];
    private Dictionary<string, long> _anonymous = [];
    private long _others;
    private DateTimeOffset _from;

    private volatile Task _flushed = Task.CompletedTask;
    private long _lost;

    public AuditLog(ILedger ledger, TimeProvider clock, IChance chance, AuditOptions? options = null)
    {
        (_ledger, _clock, _chance, _options) = (ledger, clock, chance, options ?? new AuditOptions());
        _from = clock.GetUtcNow();
        _timer = clock.CreateTimer(static state => ((AuditLog)state!).MinuteIsOver(), this, Minute, Minute);
    }

    /// <summary>How many records could not be written since the start. What was denied stays denied all the same.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Ends when the minutes that are over have been written.</summary>
    internal Task Flushed => _flushed;

    /// <summary>Remembers what somebody did; false where it could not be written, and must not be done or answered as done.</summary>
    public Task<bool> Acted(Origin origin, AuditAct act, string outcome = "done", CancellationToken cancel = default) =>
        Write(new AuditEvent.Acted(AuditWho.Of(origin), act.Cut(), AuditRecords.Cut(outcome)), cancel);

    /// <summary>Remembers what was denied.</summary>
    public async Task Denied(Origin origin, AuditAct act, string why, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        if (origin.Caller is Caller.Anonymous)
            CountAnonymous(origin.Source);
        else if (CountKnown(origin.Caller.Name) <= _options.DenialsPerMinute)
            await Write(new AuditEvent.Denied(AuditWho.Of(origin), act.Cut(), AuditRecords.Cut(why)), cancel);
    }

    /// <summary>Writes what was counted.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await Flushed;
        await Flush();
    }

    private long CountKnown(string name)
    {
        lock (_lock)
            return _denied[name] = _denied.GetValueOrDefault(name) + 1; // bounded by the users and keys that there are
    }

    private void CountAnonymous(string source)
    {
        lock (_lock)
        {
            if (_anonymous.ContainsKey(source) || _anonymous.Count < _options.SourcesMax)
                _anonymous[source] = _anonymous.GetValueOrDefault(source) + 1;
            else
                _others++;
        }
    }

    private void MinuteIsOver() => _flushed = Task.WhenAll(_flushed, Flush());

    private async Task Flush()
    {
        foreach (var said in TakeCounts())
            await Write(said, CancellationToken.None);
    }

    private ImmutableArray<AuditEvent> TakeCounts()
    {
        Dictionary<string, long> denied;
        Dictionary<string, long> anonymous;
        long others;
        DateTimeOffset from;
        lock (_lock)
        {
            (denied, _denied) = (_denied, []);
            (anonymous, _anonymous) = (_anonymous, []);
            (others, _others) = (_others, 0);
            (from, _from) = (_from, _clock.GetUtcNow());
        }

        var events = ImmutableArray.CreateBuilder<AuditEvent>();
        foreach (var (name, count) in denied)
        {
            if (count > _options.DenialsPerMinute)
                events.Add(new AuditEvent.DenialsOmitted(name, from, count - _options.DenialsPerMinute));
        }

        if (anonymous.Count > 0)
        {
            var sources = anonymous.OrderByDescending(static one => one.Value).Select(static one => new DeniedFrom(one.Key, one.Value));
            events.Add(new AuditEvent.AnonymousDenied(from, [.. sources], others));
        }

        return events.DrainToImmutable();
    }

    private async Task<bool> Write(AuditEvent said, CancellationToken cancel)
    {
        var request = new AppendRequest { Tenant = Platform.Tenant, Writes = [AuditRecords.Write(said, RandomId.Draw(_chance))] };
        for (var tries = 0; tries < 3; tries++)
        {
            try
            {
                if (await _ledger.Append(request, cancel) is AppendOutcome.Appended)
                    return true;
            }
            catch (Exception failure) when (failure is IOException or ObjectDisposedException)
            {
                break;
            }
        }

        Interlocked.Increment(ref _lost);
        return false;
    }
}

/// <summary>How much the audit remembers of denials.</summary>
internal sealed record AuditOptions
{
    /// <summary>How many denials of one principal are recorded one by one in a minute.</summary>
    public int DenialsPerMinute { get; init; } = 30;

    /// <summary>How many addresses are told apart in a minute.</summary>
    public int SourcesMax { get; init; } = 1_000;
}
