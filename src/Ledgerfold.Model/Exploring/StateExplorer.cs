using System.Text.Json;
using Ledgerfold.Model.Comparing;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Model.Exploring;

/// <summary>
/// The states of streams by their names alone: at a moment, between two, and field by field, by whatever decider a module brings for the
/// category. Any thread.
/// </summary>
public sealed class StateExplorer
{
    private readonly ILedger _ledger;
    private readonly TimelineEngine _timelines;
    private readonly ExploreLimits _limits;

    /// <summary>Questions to a ledger, by timelines over the same one.</summary>
    public StateExplorer(ILedger ledger, TimelineEngine timelines, ExploreLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentNullException.ThrowIfNull(timelines);
        (_ledger, _timelines, _limits) = (ledger, timelines, (limits ?? new ExploreLimits()).Checked());
    }

    /// <summary>The state of a stream at a moment.</summary>
    public ValueTask<StateAnswer<StateView>> At(
        string stream, Moment moment, string tenant = Tenants.Default, CancellationToken cancel = default) =>
        Ask(stream, tenant, long.MaxValue, async timeline => ToAnswer(
            await timeline.At(moment, cancel),
            found => new StateView(tenant, stream, timeline.Fold, found.Events, found.Position, found.Value)), cancel);

    /// <summary>How the state of a stream differs at two moments, in either order.</summary>
    public ValueTask<StateAnswer<DifferenceView>> Compare(
        string stream, Moment from, Moment to, string tenant = Tenants.Default, CancellationToken cancel = default) =>
        Ask(stream, tenant, long.MaxValue, async timeline =>
        {
            var before = await timeline.At(from, cancel);
            if (before is not TimelineAnswer<JsonElement?>.Computed one)
                return Unfoldable<JsonElement?, DifferenceView>(before);
            return ToAnswer(await timeline.At(to, cancel), other => new DifferenceView(
                tenant, stream, timeline.Fold, one.Events, other.Events, FieldChange.Between(one.Value, other.Value)));
        }, cancel);

    /// <summary>
    /// For each field of the state at a moment, the event that set it last. Every event up to the moment is read, so a stream may have at
    /// most <see cref="ExploreLimits.BlamedMax"/>.
    /// </summary>
    public ValueTask<StateAnswer<BlameView>> Blame(
        string stream, Moment moment, string tenant = Tenants.Default, CancellationToken cancel = default) =>
        Ask(stream, tenant, _limits.BlamedMax, async timeline => ToAnswer(
            await timeline.Blame(moment, cancel),
            found => new BlameView(tenant, stream, timeline.Fold, found.Events, found.Value)), cancel);

    private async ValueTask<StateAnswer<T>> Ask<T>(
        string stream,
        string tenant,
        long eventsMax,
        Func<Timeline<JsonElement?>, ValueTask<StateAnswer<T>>> ask,
        CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tenant);
        if (_timelines.OfStream(stream, tenant) is not { } timeline)
            return new StateAnswer<T>.NoDecider(StreamNames.CategoryOf(stream).ToString());
        var head = await _ledger.ReadStreamHead(tenant, stream, cancel);
        return head.Version == 0 ? new StateAnswer<T>.NoStream()
            : head.Version > eventsMax ? new StateAnswer<T>.TooLong(head.Version, eventsMax)
            : await ask(timeline);
    }

    private static StateAnswer<TView> ToAnswer<T, TView>(TimelineAnswer<T> answer, Func<TimelineAnswer<T>.Computed, TView> view) =>
        answer is TimelineAnswer<T>.Computed computed
            ? new StateAnswer<TView>.Computed(view(computed))
            : Unfoldable<T, TView>(answer);

    private static StateAnswer<TView>.Unfoldable Unfoldable<T, TView>(TimelineAnswer<T> answer)
    {
        var (position, error) = (TimelineAnswer<T>.Failed)answer;
        return new StateAnswer<TView>.Unfoldable(position, error);
    }
}
