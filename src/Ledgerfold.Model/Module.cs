using System.Collections.Immutable;
using Ledgerfold.Model.Acting;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;
using Ledgerfold.Model.Processing;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Model;

/// <summary>
/// What one part of a system brings: its events, the deciders with their commands, its folds, its processes with what they do outside,
/// its long work.
/// Immutable, each call gives a new one; what does not fit together is refused when it is added.
/// </summary>
public sealed record Module
{
    /// <summary>A module that brings nothing yet.</summary>
    public Module(string name)
    {
        if (!Limits.IsName(name))
            throw new ArgumentException("A module's name has 1 to 512 bytes and no control characters.", nameof(name));
        Name = name;
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>The events it writes and reads.</summary>
    public EventTypes EventTypes { get; private init; } = EventTypes.None;

    /// <summary>The projections it brings.</summary>
    public ImmutableArray<Projection> Projections { get; private init; } = [];

    /// <summary>The processes it brings, every version of each.</summary>
    public ImmutableArray<Process> Processes { get; private init; } = [];

    /// <summary>The activities it performs.</summary>
    public ImmutableArray<Activity> Activities { get; private init; } = [];

    /// <summary>The kinds of long work it can do.</summary>
    public ImmutableArray<Operation> Operations { get; private init; } = [];

    internal ImmutableArray<CommandRoute> Routes { get; private init; } = [];

    internal ImmutableArray<SubjectFold> Deciders { get; private init; } = [];

    internal ImmutableDictionary<Type, string> CommandNames { get; private init; } = ImmutableDictionary<Type, string>.Empty;

    internal ImmutableDictionary<Type, CommandRules> Rules { get; private init; } = ImmutableDictionary<Type, CommandRules>.Empty;

    internal ImmutableArray<CommandMiddleware> Middleware { get; private init; } = [];

    /// <summary>Brings these events.</summary>
    public Module Events(EventTypes types) => this with { EventTypes = EventTypes.With(types) };

    /// <summary>Brings a decider, and the commands it decides.</summary>
    /// <exception cref="ArgumentException">Its category has a decider, or one of the commands a handler.</exception>
    public Module Decides<TState>(Decider<TState> decider, Func<DeciderCommands<TState>, DeciderCommands<TState>> commands)
    {
        ArgumentNullException.ThrowIfNull(decider);
        ArgumentNullException.ThrowIfNull(commands);
        if (Deciders.Any(known => known.Name == decider.Category))
            throw new ArgumentException($"The category {decider.Category} has a decider already.", nameof(decider));
        var added = commands(new DeciderCommands<TState>(decider, [])).Routes;
        var deciding = this with { Deciders = Deciders.Add(new DeciderFold<TState>(decider)) };
        return added.Aggregate(deciding, static (module, route) => module.With(route));
    }

    /// <summary>Brings a handler of a command that needs several streams, or a condition.</summary>
    /// <param name="handle">Loads, appends, requires or rejects; it may be asked more than once, and sends no commands itself.</param>
    /// <exception cref="ArgumentException">The command has a handler.</exception>
    public Module Handles<TCommand>(Func<TCommand, HandlerContext, Task> handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return With(new HandlerRoute(typeof(TCommand), (command, context) => handle((TCommand)command, context)));
    }

    /// <summary>
    /// Gives a command the name that its answer is stored under, whatever its CLR name is; without one it is the short name of its type.
    /// </summary>
    /// <exception cref="ArgumentException">The command has a name, or the name breaks a rule.</exception>
    public Module Names<TCommand>(string name)
    {
        if (!Limits.IsName(name))
            throw new ArgumentException("A command's name has 1 to 512 bytes and no control characters.", nameof(name));
        return CommandNames.ContainsKey(typeof(TCommand))
            ? throw new ArgumentException($"{typeof(TCommand)} has a name already.", nameof(name))
            : this with { CommandNames = CommandNames.Add(typeof(TCommand), name) };
    }

    /// <summary>Brings a projection, made of events that the module knows; two versions of one may stand side by side.</summary>
    /// <exception cref="ArgumentException">It has a projection of this name and version.</exception>
    public Module Projects(Projection projection)
    {
        ArgumentNullException.ThrowIfNull(projection);
        return Projections.Any(known => known.Fold == projection.Fold)
            ? throw new ArgumentException($"There are two projections {projection.Fold}.", nameof(projection))
            : this with { Projections = Projections.Add(projection) };
    }

    /// <summary>
    /// Brings a process, which reacts to events that the module knows; instances of an older version go on by it while it is brought, too.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// It has the process in this version, or the process reacts to an event it does not know.
    /// </exception>
    public Module Runs(Process process)
    {
        ArgumentNullException.ThrowIfNull(process);
        if (process.EventTypes.FirstOrDefault(type => EventTypes.All.All(known => known.Clr != type)) is { } unknown)
            throw new ArgumentException($"{process} reacts to {unknown}, which is no event of {Name}.", nameof(process));
        return Processes.Any(known => known.Name == process.Name && known.Version == process.Version)
            ? throw new ArgumentException($"There are two processes {process}.", nameof(process))
            : this with { Processes = Processes.Add(process) };
    }

    /// <summary>Brings an activity: something on the outside that steps of processes ask for.</summary>
    /// <exception cref="ArgumentException">It has an activity of this name, or one with this request.</exception>
    public Module Performs(Activity activity)
    {
        ArgumentNullException.ThrowIfNull(activity);
        return Activities.Any(known => known.Name == activity.Name || known.Request == activity.Request)
            ? throw new ArgumentException($"There is an activity {activity.Name} or for {activity.Request} already.", nameof(activity))
            : this with { Activities = Activities.Add(activity) };
    }

    /// <summary>Brings a kind of long work, which is asked for by its request.</summary>
    /// <exception cref="ArgumentException">It has a kind of this name, or one with this request.</exception>
    public Module Operates(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return Operations.Any(known => known.Name == operation.Name || known.Request == operation.Request)
            ? throw new ArgumentException($"There is an operation {operation.Name} or for {operation.Request} already.", nameof(operation))
            : this with { Operations = Operations.Add(operation) };
    }

    /// <summary>Checks a command by itself, before anything else; null where it is in order.</summary>
    public Module Validates<TCommand>(Func<TCommand, CommandAnswer.Invalid?> rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var rules = RulesOf<TCommand>();
        return With<TCommand>(rules with { Valid = rules.Valid.Add(command => rule((TCommand)command)) });
    }

    /// <summary>Checks whether whoever sent a valid command may; null where that is so.</summary>
    public Module Authorizes<TCommand>(Func<TCommand, CommandContext, CommandAnswer.Forbidden?> rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var rules = RulesOf<TCommand>();
        return With<TCommand>(rules with { Allowed = rules.Allowed.Add((command, context) => rule((TCommand)command, context)) });
    }

    /// <summary>Puts something around the way of each of its commands, inside of what was put around before.</summary>
    public Module Around(CommandMiddleware middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        return this with { Middleware = Middleware.Add(middleware) };
    }

    /// <summary>
    /// What a command would lead to after these events of its subject: the decision alone, without rules, ledger or anything kept.
    /// </summary>
    /// <exception cref="InvalidOperationException">No decider of this module decides it.</exception>
    public Decision Decide(object command, IEnumerable<object> history, CommandOrigin? origin = null, DateTimeOffset at = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(history);
        var route = Routes.FirstOrDefault(one => one.Command == command.GetType())
            ?? throw new InvalidOperationException($"{Name} has no handler for {command.GetType()}.");
        var context = new CommandContext(command, origin?.Id ?? Guid.Empty, origin ?? new CommandOrigin(), at, origin?.TraceParent);
        return route.Decide(context, new EventCodec(EventTypes), history);
    }

    internal string NameOf(Type command) => CommandNames.GetValueOrDefault(command) ?? command.Name;

    /// <summary>Refuses modules that do not fit together, or one that says something of what it does not handle.</summary>
    internal static void CheckTogether(IReadOnlyCollection<Module> modules)
    {
        var commands = new HashSet<Type>();
        var commandNames = new Dictionary<string, Type>(StringComparer.Ordinal);
        var categories = new HashSet<string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var module in modules)
        {
            if (!names.Add(module.Name))
                throw new ArgumentException($"Two modules are named {module.Name}.", nameof(modules));
            if (module.Routes.FirstOrDefault(route => !commands.Add(route.Command)) is { } twice)
                throw new ArgumentException($"{twice.Command} has two handlers.", nameof(modules));
            if (module.Deciders.FirstOrDefault(decider => !categories.Add(decider.Name)) is { } shared)
                throw new ArgumentException($"The category {shared.Name} has two deciders.", nameof(modules));
            if (module.Rules.Keys.FirstOrDefault(command => module.Routes.All(route => route.Command != command)) is { } unhandled)
                throw new ArgumentException($"{module.Name} has rules for {unhandled} but no handler.", nameof(modules));
            if (module.CommandNames.Keys.FirstOrDefault(command => module.Routes.All(route => route.Command != command)) is { } named)
                throw new ArgumentException($"{module.Name} names {named} but has no handler of it.", nameof(modules));
            foreach (var route in module.Routes)
                CheckName(commandNames, module.NameOf(route.Command), route.Command);
        }
    }

    // ids are shared by all modules, so that a name says which command an answer is for
    private static void CheckName(Dictionary<string, Type> known, string name, Type command)
    {
        if (!known.TryAdd(name, command))
            throw new ArgumentException($"{known[name]} and {command} would both be named {name}: give one of them another name.");
    }

    private Module With(CommandRoute added) => Routes.Any(route => route.Command == added.Command)
        ? throw new ArgumentException($"{added.Command} has a handler already.")
        : this with { Routes = Routes.Add(added) };

    private CommandRules RulesOf<TCommand>() => Rules.GetValueOrDefault(typeof(TCommand)) ?? new CommandRules();

    private Module With<TCommand>(CommandRules rules) => this with { Rules = Rules.SetItem(typeof(TCommand), rules) };
}
