using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// Applies one page of events: decode and key them side by side, sort them by key onto lanes, let the lanes run side by side, and hold what
/// failed. Order is kept per key, and whatever the schedule, the outcome is the same.
/// </summary>
internal sealed class PageFold
{
    private const int AloneBelow = 48; // so few are done faster than a second lane wakes

    private readonly Projection _projection;
    private readonly EventCodec _codec;
    private readonly FoldMemory _memory;
    private readonly HeldKeys _held;
    private readonly Lane[] _lanes;
    private readonly object? _tag;
    private KeyedEvent[] _read = [];
    private List<ActivityContext>? _spans;

    public PageFold(FoldContext fold)
    {
        (_projection, _codec, _memory, _held) = (fold.Projection, fold.Codec, fold.Memory, fold.Held);
        _tag = fold.Tag.Value;
        _lanes = new Lane[Math.Clamp(fold.Options.Parallelism, 1, 64)];
        for (var lane = 0; lane < _lanes.Length; lane++)
            _lanes[lane] = new Lane(_projection);
    }

    /// <summary>The spans of the pages folded since this was asked last; null where nobody traces them.</summary>
    public List<ActivityContext>? TakeSpans()
    {
        var spans = _spans;
        _spans = null;
        return spans;
    }

    /// <summary>Forgets a page that came to no end.</summary>
    public void Clear()
    {
        foreach (var lane in _lanes)
            lane.Clear();
    }

    public async ValueTask Fold(ImmutableArray<RecordedEvent> events, CancellationToken cancel)
    {
        if (events.IsEmpty)
            return;
        using var trace = Telemetry.Deliver(TelemetryNames.Spans.Fold, _projection.Fold.Name, events.AsSpan());
        if (trace?.SetTag(TelemetryNames.Attributes.Fold, _tag) is not null && (_spans ??= []).Count < TelemetryNames.LinksMax)
            _spans.Add(trace.Context);
        await Read(events);
        for (var e = 0; e < events.Length; e++)
            await Sort(e, cancel);
        Array.Clear(_read, 0, events.Length);
        await RunLanes();
        foreach (var lane in _lanes)
        {
            _memory.NoteChanges(lane.Changed);
            foreach (var entry in lane.Failed)
                Hold(entry);
            lane.Failed.Clear();
        }
    }

    private async ValueTask Read(ImmutableArray<RecordedEvent> events)
    {
        if (_read.Length < events.Length)
            _read = new KeyedEvent[events.Length];
        var parts = events.Length < AloneBelow ? 1 : _lanes.Length;
        await Lanes.Run(parts, part =>
        {
            var end = events.Length * (part + 1) / parts;
            for (var e = events.Length * part / parts; e < end; e++)
                _read[e] = KeyedEvent.Read(_projection, _codec, events[e]);
        });
    }

    private async ValueTask Sort(int index, CancellationToken cancel)
    {
        var keyed = _read[index];
        var recorded = keyed.Recorded;
        if (!_held.IsEmpty)
        {
            var stream = HeldName.OfStream(recorded.Tenant, recorded.Stream);
            if (_held.IsSkipped(stream, recorded.Position))
                return;
            if (_held.Holds(stream, recorded.Position))
            {
                _held.CountWaiting(stream);
                return;
            }
        }

        if (keyed.Problem is { } problem)
        {
            _held.Hold(HeldName.OfStream(recorded.Tenant, recorded.Stream), recorded.Position, problem);
            return;
        }

        for (var k = 0; k < keyed.Count; k++)
        {
            var facts = keyed[k];
            if (MustWait(recorded, facts.Key))
                continue;
            var entry = await _memory.Find(recorded.Tenant, facts.Key, cancel);
            var lane = entry.Lane;
#if ZOO
            if (Zoo.Bug("model-lanes-by-event"))
                lane = (uint)recorded.Position;
#endif
            _lanes[lane % (uint)_lanes.Length].Work.Add(new Step(entry, facts, recorded));
        }
    }

    private bool MustWait(RecordedEvent recorded, string key)
    {
        if (_held.IsEmpty)
            return false;
        var name = HeldName.OfKey(recorded.Tenant, key);
        if (_held.IsSkipped(name, recorded.Position))
            return true;
        if (!_held.Holds(name, recorded.Position))
            return false;
        _held.CountWaiting(name);
        return true;
    }

    private async ValueTask RunLanes()
    {
        if (_lanes.Sum(static lane => lane.Work.Count) >= AloneBelow)
        {
            await Lanes.Run(_lanes.Length, lane => _lanes[lane].Run());
            return;
        }

        foreach (var lane in _lanes)
            lane.Run();
    }

    private void Hold(FoldEntry entry)
    {
        var (position, error) = entry.Failure!.Value;
#if ZOO
        if (!Zoo.Bug("model-progress-past-a-failed-key"))
#endif
        _held.Hold(HeldName.OfKey(entry.Tenant, entry.Key), position, FoldError.Say(error), entry.Behind);
        (entry.Failure, entry.Behind) = (null, 0);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Step(FoldEntry Entry, FactsOfKey Facts, RecordedEvent Recorded);

    private sealed class Lane(Projection projection)
    {
        public List<Step> Work { get; } = [];

        public List<FoldEntry> Changed { get; } = [];

        public List<FoldEntry> Failed { get; } = [];

        public void Run()
        {
            foreach (var step in CollectionsMarshal.AsSpan(Work))
                Apply(step.Entry, step.Facts, step.Recorded);
            Work.Clear();
        }

        public void Clear()
        {
            Work.Clear();
            Changed.Clear();
            Failed.Clear();
        }

        private void Apply(FoldEntry entry, FactsOfKey facts, RecordedEvent recorded)
        {
            if (entry.Failure is not null)
            {
                entry.Behind++;
                return;
            }

            try
            {
                var state = facts.ApplyTo(entry.State, projection, recorded);
                if (ReferenceEquals(state, entry.State))
                    return;
                entry.State = state;
                if (entry.NoteChange(recorded.Position))
                    Changed.Add(entry);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                entry.Failure = (recorded.Position, failure);
                Failed.Add(entry);
            }
        }
    }
}
