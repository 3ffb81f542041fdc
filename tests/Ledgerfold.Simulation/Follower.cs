namespace Ledgerfold.Simulation;

/// <summary>Follows the ledger as an application does, on the seeded scheduler: every event once, in order, up to the head.</summary>
internal sealed class Follower
{
    private readonly World _world;
    private readonly Writer _writer;
    private readonly ReadRequest _request;
    private readonly List<RecordedEvent> _got = [];
    private Task? _task;

    public Follower(World world, Writer writer)
    {
        _world = world;
        _writer = writer;
        _request = world.Requests.Read() with { Before = long.MaxValue, Limit = null, Backward = false, Follow = true };
        _request = _request with { After = Math.Min(_request.After, world.Expected.Head) };
    }

    public void Begin() => _task = _world.Scheduler.Start(Run);

    /// <summary>What came must be what was to come, all of it.</summary>
    public void Check()
    {
        if (!_writer.IsAlive || _writer.Fenced || _task is null)
            return;
        if (_task.IsFaulted)
        {
            if (_world.IsReport(_task.Exception.InnerException!) || (_world.MayFail && _task.Exception.InnerException is IOException))
                return;
            throw new OracleException("follow", $"a follower met {_task.Exception.InnerException}");
        }

        var expected = _world.Expected.Matching(_request with { Follow = false }, _request.Tenant, _world.Expected.Head);
        for (var e = 0; e < Math.Max(_got.Count, expected.Count); e++)
        {
            if (e >= _got.Count || e >= expected.Count || !Events.Same(_got[e], expected[e]))
            {
                throw new OracleException(
                    "follow",
                    $"a follower after {_request.After} was given "
                    + $"{Events.SayPositions(_got)}, expected {Events.SayPositions(expected)}");
            }
        }

        _world.Marks.Hit("a follower was given events", _got.Count > 0);
    }

    private async Task Run()
    {
        await foreach (var page in _writer.Ledger.Read(_request))
            _got.AddRange(page.Events);
    }
}
