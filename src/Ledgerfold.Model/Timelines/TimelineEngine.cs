using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Timelines;

/// <summary>
/// Gives the timeline of any subject: by the code that makes its state, or by the names under which modules bring that code. All its
/// timelines share the states they keep in memory (<see cref="TimelineOptions.WaypointsMax"/>). Each is kept for the very decider or
/// projection, and the very event types, that made it: keep these objects, as a module does, and never change a state once it is made. What
/// is kept does not know of an erasure: whoever erases calls <see cref="Forget"/> after it. Any thread.
/// </summary>
public sealed class TimelineEngine
{
    private readonly ILedger _ledger;
    private readonly ImmutableArray<Module> _modules;
    private readonly TimelineOptions _options;

    /// <summary>Timelines of what these modules bring.</summary>
    /// <exception cref="ArgumentException">The modules do not fit together.</exception>
    public TimelineEngine(ILedger ledger, IEnumerable<Module> modules, TimelineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        (_ledger, _modules, _options) = (ledger, [.. modules], (options ?? new TimelineOptions()).Checked());
        Module.CheckTogether(_modules);
        Waypoints = new Waypoints(_options.WaypointsMax);
    }

    /// <summary>Timelines of code that is given each time together with its events.</summary>
    public TimelineEngine(ILedger ledger, TimelineOptions? options = null)
        : this(ledger, [], options)
    {
    }

    internal Waypoints Waypoints { get; }

    /// <summary>The timeline of an aggregate.</summary>
    /// <exception cref="ArgumentException">No module brings the decider, or a stream cannot have this id.</exception>
    public Timeline<TState> Of<TState>(Decider<TState> decider, string id, string tenant = Tenants.Default)
    {
        ArgumentNullException.ThrowIfNull(decider);
        var module = _modules.FirstOrDefault(module => module.Deciders.Any(known => ReferenceEquals(known.Code, decider)))
            ?? throw new ArgumentException($"No module brings this decider of {decider.Category}.", nameof(decider));
        return Of(decider, module.EventTypes, id, tenant);
    }

    /// <summary>The timeline of an aggregate by a decider that no module need bring, made of these events.</summary>
    /// <exception cref="ArgumentException">A stream cannot have this id.</exception>
    public Timeline<TState> Of<TState>(Decider<TState> decider, EventTypes types, string id, string tenant = Tenants.Default)
    {
        ArgumentNullException.ThrowIfNull(decider);
        return Typed<TState>(new DeciderFold<TState>(decider), types, decider.StreamOf(id), tenant);
    }

    /// <summary>The timeline of a key of a projection.</summary>
    /// <exception cref="ArgumentException">No module brings the projection, or nothing can have this key.</exception>
    public Timeline<TState> Of<TState>(Projection<TState> projection, string key, string tenant = Tenants.Default)
        where TState : class
    {
        ArgumentNullException.ThrowIfNull(projection);
        var module = _modules.FirstOrDefault(module => module.Projections.Any(known => ReferenceEquals(known, projection)))
            ?? throw new ArgumentException($"No module brings this projection {projection}.", nameof(projection));
        return Of(projection, module.EventTypes, key, tenant);
    }

    /// <summary>The timeline of a key of a projection that no module need bring, made of these events.</summary>
    /// <exception cref="ArgumentException">Nothing can have this key.</exception>
    public Timeline<TState> Of<TState>(Projection<TState> projection, EventTypes types, string key, string tenant = Tenants.Default)
        where TState : class
    {
        ArgumentNullException.ThrowIfNull(projection);
        return Typed<TState>(new ProjectionFold(projection), types, key, tenant);
    }

    /// <summary>The timeline of a stream by the decider of its category; null where no module brings one.</summary>
    public Timeline<JsonElement?>? OfStream(string stream, string tenant = Tenants.Default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var brought = _modules.SelectMany(static module => module.Deciders.Select(decider => (Decider: decider, module.EventTypes)));
        return brought.FirstOrDefault(one => one.Decider.IsSubject(stream)) is { Decider: { } found } known
            ? Typed<object>(found, known.EventTypes, stream, tenant).AsJson()
            : null;
    }

    /// <summary>The timeline of a key of a projection by its name; null where no module brings that, or nothing can have the key.</summary>
    /// <param name="name">The projection's name.</param>
    /// <param name="key">The key.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="version">The version of its code; the newest where none is given.</param>
    public Timeline<JsonElement?>? OfProjection(string name, string key, string tenant = Tenants.Default, int? version = null)
    {
        var (found, types) = _modules
            .SelectMany(static module => module.Projections.Select(projection => (Projection: projection, module.EventTypes)))
            .Where(one => one.Projection.Fold.Name == name && (version is null || one.Projection.Fold.Version == version))
            .OrderByDescending(static one => one.Projection.Fold.Version)
            .FirstOrDefault();
        return found is not null && RowKeys.IsKey(key) ? Typed<object>(new ProjectionFold(found), types, key, tenant).AsJson() : null;
    }

    /// <summary>
    /// Forgets every kept state that may hold what a stream of a tenant said: those of its aggregate, and those of all keys of projections
    /// in the tenant, because any of them may. A question that is on its way keeps nothing of what it computes.
    /// </summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="stream">The stream; all of the tenant if none is given.</param>
    public void Forget(string tenant, string? stream = null)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        Waypoints.Forget(name => name.Tenant == tenant && (stream is null || !name.IsStream || name.Subject == stream));
    }

    private Timeline<TState> Typed<TState>(SubjectFold fold, EventTypes types, string subject, string tenant)
    {
        ArgumentNullException.ThrowIfNull(types);
        ArgumentNullException.ThrowIfNull(tenant);
        if (!fold.IsSubject(subject))
            throw new ArgumentException($"'{subject}' can be no subject of {fold.Name}.", nameof(subject));
        var codec = new EventCodec(types);
        return new Timeline<TState>(
            new Subject(_ledger, codec, fold, tenant, subject, Waypoints, _options.WaypointEvery), static state => (TState?)state);
    }
}
