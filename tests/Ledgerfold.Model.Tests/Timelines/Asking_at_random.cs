using System.Text.Json;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Timelines;

#pragma warning disable xUnit1051 // in memory nothing waits

/// <summary>
/// One seed decides history, fold, how much is kept, and which questions come in which order, while more is appended. Every answer is
/// that of a plain fold of the events that count, by an oracle that knows nothing of pages, moments and waypoints.
/// </summary>
public sealed class Asking_at_random
{
    private const int Seeds = 60;

    [Fact]
    public Task Gives_an_aggregate_as_a_plain_fold_does() => ForSeeds(seed => new Run(seed, Kind.Decider).Go());

    [Fact]
    public Task Gives_a_key_as_a_plain_fold_does_where_its_events_can_be_named() => ForSeeds(seed => new Run(seed, Kind.Tagged).Go());

    [Fact]
    public Task Gives_a_key_as_a_plain_fold_does_where_all_events_are_read() => ForSeeds(seed => new Run(seed, Kind.Searched).Go());

    private enum Kind
    {
        Decider,
        Tagged,
        Searched,
    }

    private static async Task ForSeeds(Func<ulong, Task> run)
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            try
            {
                await run(seed);
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
        private readonly TimelineWorld _world;
        private readonly Kind _kind;
        private readonly Timeline<RandomSubject.Bag>[] _subjects;
        private readonly List<RecordedEvent> _all = [];
        private readonly List<DateTimeOffset> _times = [];
        private readonly EventCodec _codec = new(RandomSubject.Types);

        public Run(ulong seed, Kind kind)
        {
            _random = new SeededRandom(seed);
            _kind = kind;
            _world = new TimelineWorld(new TimelineOptions { WaypointEvery = _random.Pick([1, 2, 7, 1000]), WaypointsMax = _random.Pick([0, 1, 5, 1000]) });
            var decider = RandomSubject.Decider();
            var projection = RandomSubject.Projection(kind == Kind.Tagged);
            _subjects = [.. Enumerable.Range(0, 3).Select(n => kind == Kind.Decider
                ? _world.Engine.Of(decider, RandomSubject.Types, $"k{n}")
                : _world.Engine.Of(projection, RandomSubject.Types, $"k{n}"))];
        }

        public async Task Go()
        {
            for (var round = 0; round < 4; round++)
            {
                await Append(_random.Below(60));
                for (var question = 0; question < 6; question++)
                    await Ask(_random.Pick(_subjects));
                if (_random.OneIn(4))
                    _world.Engine.Forget(Tenants.Default, _random.Coin() ? "bag-k0" : null);
            }
        }

        private async Task Append(int events)
        {
            for (var e = 0; e < events; e++)
            {
                var key = $"k{_random.Below(3)}";
                await _world.AppendRaw(_kind == Kind.Decider ? $"bag-{key}" : $"bag-s{_random.Below(2)}", RandomSubject.At(_random, _world, key, $"k{_random.Below(3)}"));
                _times.Add(_world.Now);
                if (_random.Coin())
                    _world.Clock.Advance(TimeSpan.FromMinutes(_random.Below(4)));
            }

            _all.Clear();
            _all.AddRange(await _world.Inner.All());
        }

        private async Task Ask(Timeline<RandomSubject.Bag> subject)
        {
            switch (_random.Below(6))
            {
                case 0:
                    await AskSteps(subject);
                    break;
                case 1:
                    await AskBlame(subject);
                    break;
                case 2:
                    await AskField(subject);
                    break;
                case 3:
                    await AskDifference(subject);
                    break;
                default:
                    await AskState(subject);
                    break;
            }
        }

        private async Task AskState(Timeline<RandomSubject.Bag> subject)
        {
            var (moment, events) = AnyMoment(subject);
            var expected = Fold(subject, events);
            var answer = Assert.IsType<TimelineAnswer<RandomSubject.Bag?>.Computed>(await subject.At(moment));
            AssertSame(Json(expected), Json(answer.Value), moment);
            Assert.Equal(events.Count, answer.Events);
            AssertSame(Json(expected), (await subject.AsJson().At(moment)).OrThrow(), moment);
        }

        private async Task AskDifference(Timeline<RandomSubject.Bag> subject)
        {
            var other = _random.Pick(_subjects);
            var ((one, before), (two, after)) = (AnyMoment(subject), AnyMoment(other));
            var changes = other == subject ? await subject.Compare(one, two) : await subject.Compare(one, other, two);
            var (old, now) = (Json(Fold(subject, before)), Json(Fold(other, after)));
            AssertSame(now, JsonChanges.Apply(old, changes.OrThrow()), one);
        }

        private async Task AskSteps(Timeline<RandomSubject.Bag> subject)
        {
            var (from, before, to, after) = TwoMoments(subject);
            var expected = after.Count > before.Count ? after[before.Count..] : [];
            var state = Json(Fold(subject, before));
            var seen = new List<long>();
            await foreach (var answer in subject.Steps(from, to))
            {
                var step = answer.OrThrow();
                AssertSame(state, Json(step.Before), from);
                AssertSame(Json(step.After), JsonChanges.Apply(state, step.Changes), to);
                state = Json(step.After);
                seen.Add(step.Event.Position);
            }

            Assert.Equal(expected.Select(one => one.Position), seen);
            if (seen.Count > 0)
                AssertSame(Json(Fold(subject, after)), state, to);
        }

        private async Task AskBlame(Timeline<RandomSubject.Bag> subject)
        {
            var (moment, events) = AnyMoment(subject);
            var states = StatesOf(subject, events);
            var found = (await subject.Blame(moment)).OrThrow();
            Assert.Equal(JsonChanges.Leaves(states[^1]).Order(StringComparer.Ordinal), found.Select(one => one.Pointer).Order(StringComparer.Ordinal));
            foreach (var field in found)
            {
                AssertSame(JsonChanges.Find(states[^1], field.Pointer), field.Value, moment);
                var last = ChangesAt(states, field.Pointer).LastOrDefault(-1);
                Assert.Equal(last < 0 ? null : EventMark.Of(events[last]), field.By);
            }
        }

        private async Task AskField(Timeline<RandomSubject.Bag> subject)
        {
            var (moment, events) = AnyMoment(subject);
            var states = StatesOf(subject, events);
            var pointers = states.SelectMany(state => JsonChanges.Leaves(state)).Distinct().Append("").Append("/list").Append("/inner/fields").Append("/nothing/at/all").ToList();
            var pointer = _random.Pick(pointers);
            var expected = ChangesAt(states, pointer).Select(n => events[n].Position).ToList();
            var found = new List<long>();
            await foreach (var answer in subject.Changes(pointer, moment))
            {
                var step = answer.OrThrow();
                Assert.False(JsonChanges.AreSame(step.Change.Before, step.Change.After));
                found.Add(step.By.Position);
            }

            Assert.Equal(expected, found);
            Assert.Equal(expected is [var one, ..] ? one : null, (await subject.FirstChange(pointer, moment)).OrThrow()?.By.Position);
        }

        /// <summary>A moment of any kind, with the events of the subject that count at it, in their order.</summary>
        private (Moment Moment, List<RecordedEvent> Events) AnyMoment(Timeline<RandomSubject.Bag> subject)
        {
            var own = OwnOf(subject);
            var position = _random.Below(_all.Count + 3);
            var time = AnyTime();
            switch (_random.Below(7))
            {
                case 0:
                    return (Moment.Now, own);
                case 1:
                    return (Moment.Beginning, []);
                case 2 when _kind == Kind.Decider:
                    var version = _random.Below(own.Count + 3);
                    return (Moment.AfterVersion(version), [.. own.Take(version)]);
                case 3:
                    return (Moment.RecordedAt(time), [.. own.Where(one => one.RecordedAt <= time)]);
                case 4 or 5:
                    var effective = AnyTime().AddMinutes(_random.Between(-10, 10));
                    return (Moment.AsOf(time, effective), KnownAsOf(own, time, effective));
                default:
                    return (Moment.AfterPosition(position), [.. own.Where(one => one.Position <= position)]);
            }
        }

        /// <summary>Two moments of one order, the first not behind the second but once in a while.</summary>
        private (Moment From, List<RecordedEvent> Before, Moment To, List<RecordedEvent> After) TwoMoments(Timeline<RandomSubject.Bag> subject)
        {
            var (to, after) = AnyMoment(subject);
            if (to is Moment.Knowledge(var recorded, var effective))
            {
                var earlier = effective.AddMinutes(-_random.Below(20));
                return (Moment.AsOf(recorded, earlier), KnownAsOf(OwnOf(subject), recorded, earlier), to, after);
            }

            var (from, before) = AnyMoment(subject);
            return from is Moment.Knowledge ? (Moment.Beginning, [], to, after) : (from, before, to, after);
        }

        private DateTimeOffset AnyTime() => _times.Count == 0 ? _world.Now : _random.Pick(_times).AddSeconds(_random.Between(-1, 1));

        private static List<RecordedEvent> KnownAsOf(List<RecordedEvent> own, DateTimeOffset recorded, DateTimeOffset effective) =>
            [.. own.Where(one => one.RecordedAt <= recorded && (one.EffectiveAt ?? one.RecordedAt) <= effective)
                .OrderBy(one => one.EffectiveAt ?? one.RecordedAt).ThenBy(one => one.Position)];

        private List<RecordedEvent> OwnOf(Timeline<RandomSubject.Bag> subject) => _kind == Kind.Decider
            ? [.. _all.Where(one => one.Stream == subject.Subject)]
            : [.. _all.Where(one => FactsOf(one).Any(fact => RandomSubject.Projection(false).KeysOf(fact, one).Contains(subject.Subject)))];

        private IEnumerable<object> FactsOf(RecordedEvent recorded)
        {
            var decoded = _codec.Decode(recorded);
            return Enumerable.Range(0, decoded.Count).Select(n => decoded[n]);
        }

        private RandomSubject.Bag? Fold(Timeline<RandomSubject.Bag> subject, IEnumerable<RecordedEvent> events)
        {
            if (_kind == Kind.Decider)
                return events.SelectMany(FactsOf).Aggregate(RandomSubject.Empty, RandomSubject.Decider().Apply);
            var projection = RandomSubject.Projection(false);
            RandomSubject.Bag? bag = null;
            foreach (var (one, fact) in events.SelectMany(one => FactsOf(one).Select(fact => (one, fact))))
            {
                if (projection.KeysOf(fact, one).Contains(subject.Subject))
                    bag = projection.Apply(bag, fact, one);
            }

            return bag;
        }

        /// <summary>The state before the first event, and after each.</summary>
        private List<JsonElement?> StatesOf(Timeline<RandomSubject.Bag> subject, List<RecordedEvent> events) =>
            [.. Enumerable.Range(0, events.Count + 1).Select(count => Json(Fold(subject, events.Take(count))))];

        private static IEnumerable<int> ChangesAt(List<JsonElement?> states, string pointer) => Enumerable.Range(0, states.Count - 1)
            .Where(n => !JsonChanges.AreSame(JsonChanges.Find(states[n], pointer), JsonChanges.Find(states[n + 1], pointer)));

        private static JsonElement? Json(RandomSubject.Bag? bag) => bag is null ? null : JsonSerializer.SerializeToElement(bag, EventJson.Options);

        private static void AssertSame(JsonElement? expected, JsonElement? found, Moment moment) =>
            Assert.True(JsonChanges.AreSame(expected, found), $"{moment}: {found} and not {expected}");
    }
}
