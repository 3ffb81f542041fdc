using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Folding;

namespace Ledgerfold.Model.Tests.Folding;

/// <summary>
/// One seed decides history, schedule, faults, crashes, copies, and how the engine is set up. Whatever happens: no read is older than its
/// token or made of anything but a beginning of the history, and in the end the rows are those of a plain replay.
/// </summary>
public abstract class Folding_at_random(Backend backend, int seeds)
{
    private const int Steps = 60;

    [Fact]
    public void Ends_with_the_rows_of_a_replay() => ForSeeds(seed => new Run(seed, backend, mayHoldStreams: false).Go());

    [Fact]
    public void Ends_with_the_rows_of_a_replay_also_where_streams_are_held() => ForSeeds(seed => new Run(seed, backend, mayHoldStreams: true).Go());

    private void ForSeeds(Action<ulong> run)
    {
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            try
            {
                run(seed);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed}: {failure.Message}", failure);
            }
        }
    }

    private sealed class Run
    {
        private readonly SeededRandom _random;
        private readonly FoldWorld _world;
        private readonly HashSet<long> _poison = [];
        private readonly HashSet<long> _unkeyed = [];
        private readonly List<FoldEngine> _former = [];
        private readonly Projection<Tally> _tallies;
        private readonly Projection<Tally> _plain = Tally.Projection();
        private readonly bool _mayHoldStreams;
        private long _head;

        public Run(ulong seed, Backend backend, bool mayHoldStreams)
        {
            _random = new SeededRandom(seed);
            _mayHoldStreams = mayHoldStreams;
            _world = new FoldWorld(seed, new FoldEngineOptions
            {
                Parallelism = _random.Between(1, 4),
                CachedRowsMax = _random.Pick([1, 3, 100]),
                DirtyRowsMax = _random.Pick([1, 4, 100]),
                RetriesMax = _random.Between(0, 3),
                CheckpointEvery = TimeSpan.FromMilliseconds(_random.Pick([1, 100, 1000])),
            }, backend);
            _tallies = Tally.Projection(
                (_, recorded) => ThrowIf(_poison, recorded),
                beforeKey: (_, recorded) => ThrowIf(_unkeyed, recorded));
        }

        public void Go()
        {
            _world.Start(_tallies);
            for (var step = 0; step < Steps; step++)
                Step();
            _poison.Clear();
            _unkeyed.Clear();
            foreach (var former in _former)
                _world.Do(() => former.Abandon());
            _world.Pass(TimeSpan.FromMinutes(2));
            _world.Stop();
            _world.Start(_tallies);
            _world.Pass(TimeSpan.FromMinutes(2));
            ReleaseAll();
            _world.Do(() => _world.Engine.WaitUntilCaughtUp(_world.Inner));
            Assert.Empty(_world.Status(_tallies).Held);
            _world.Stop();

            var differences = _world.Do(() => HistoryReplay.CompareWithKept(_world.Inner, Tally.Types, _plain, _world.Rows));
            Assert.Empty(differences);
            Assert.Equal(0, _world.Scheduler.Strays);
        }

        /// <summary>A fault of the store that is still to come may meet the last try of a key.</summary>
        private void ReleaseAll()
        {
            for (var tries = 0; tries < Steps && _world.Status(_tallies).Held is [var held, ..]; tries++)
            {
                _ = _world.Scheduler.Start(() => _world.Engine.Release(_tallies, held));
                _world.Pass(TimeSpan.FromMinutes(2));
            }
        }

        private void Step()
        {
            switch (_random.Below(16))
            {
                case 0 or 1 or 2 or 3 or 4:
                    _head = _world.Append($"tally-{_random.Below(3)}", [.. Enumerable.Range(0, _random.Between(1, 4)).Select(_ => Fact())]);
                    break;
                case 5:
                    _head = _world.Append("other-1", new Tally.Added("a", 1));
                    break;
                case 6 or 7:
                    _world.Pass(TimeSpan.FromMilliseconds(_random.Below(1500)));
                    break;
                case 8 or 9:
                    Read();
                    break;
                case 10:
                    _poison.Add(_head + _random.Between(1, 3));
                    if (_mayHoldStreams)
                        _unkeyed.Add(_head + _random.Between(1, 3));
                    break;
                case 11:
                    _poison.Clear();
                    _unkeyed.Clear();
                    break;
                case 12:
                    Restart();
                    break;
                case 13:
                    Disturb();
                    break;
                case 14:
                    ReleaseOne();
                    break;
                default:
                    _world.Scheduler.RunOne();
                    break;
            }
        }

        private object Fact() => _random.Below(8) switch
        {
            0 => new Tally.Moved(Key(), Key(), 1),
            7 => new Tally.Cleared(Key()),
            _ => new Tally.Added(Key(), _random.Below(100)),
        };

        private string Key() => $"k{_random.Below(5)}";

        private void Restart()
        {
            switch (_random.Below(3))
            {
                case 0:
                    _world.Crash();
                    break;
                case 1:
                    _world.Stop();
                    break;
                default:
                    _former.Add(_world.Engine); // a second copy, beside one that knows nothing of it
                    break;
            }

            _world.Start(_tallies);
        }

        private void Disturb()
        {
            switch (_random.Below(8))
            {
                case 5 or 6 or 7:
                    _world.Store.RefuseRow(Tenants.Default, RowKeys.OfState(Key()));
                    break;
                case 0:
                    _world.Store.Answer(new FoldOutcome.ReadOnly("full"), _random.Between(1, 3));
                    break;
                case 1:
                    _world.Store.LoseAnswer(_random.Coin());
                    break;
                case 2:
                    _world.Store.FailWrite(new IOException("no disk"));
                    break;
                case 3:
                    _world.Store.FailRead(_random.Coin() ? new IOException("no disk") : new FoldsDamagedException("rot"));
                    break;
                default:
                    _world.Ledger.Fail(LedgerCall.Read, new IOException("no disk"));
                    break;
            }
        }

        private void ReleaseOne()
        {
            var held = _world.Engine.Find(_tallies).Held.Shown.Values.OrderBy(one => one.Position).ThenBy(one => one.ToString(), StringComparer.Ordinal).FirstOrDefault();
            if (held is not null)
                _ = _world.Scheduler.Start(() => _world.Engine.Release(_tallies, held));
        }

        private void Read()
        {
            var key = Key();
            var token = _head;
            ReadAnswer<Tally?>? answer = null;
            var reading = _world.Scheduler.Start(async () =>
            {
                try
                {
                    answer = await _world.Projections.Of(_tallies).Get(key, Consistency.AtLeast(token, TimeSpan.FromMilliseconds(10)));
                }
                catch (IOException)
                {
                    // the fault that was meant for the engine
                }
            });
            _world.Pass(TimeSpan.FromMilliseconds(20));
            Assert.True(reading.IsCompletedSuccessfully, reading.Exception?.Message);
            if (answer is not ReadAnswer<Tally?>.Found { Freshness: { Held.IsEmpty: true } fresh, Value: var seen })
                return;
            Assert.True(fresh.Position >= token);
            var live = new TimelineEngine(_world.Inner, new TimelineOptions { WaypointEvery = 5 }).Of(_plain, Tally.Types, key);
            var head = _world.Do(() => _world.Inner.ReadRange()).Head;
            for (var position = fresh.Position; ; position++) // a batch may have been written since
            {
                var history = _world.Do(() => live.At(Moment.AfterPosition(position))).OrThrow();
                if (history == seen)
                    return;
                Assert.True(position < head, $"{key} at {fresh.Position} is {seen}, and {history} at the head");
            }
        }

        private static void ThrowIf(HashSet<long> positions, RecordedEvent recorded)
        {
            if (positions.Contains(recorded.Position))
                throw new InvalidOperationException($"poison at {recorded.Position}");
        }
    }
}
