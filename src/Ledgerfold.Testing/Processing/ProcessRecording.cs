using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ledgerfold.Model;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Testing.Processing;

/// <summary>
/// The history of one instance as it was recorded, with the content of all that reached it, in a file that people can read and compare:
/// kept beside tests, and replayed against definitions that have changed since.
/// </summary>
public sealed record ProcessRecording
{
    private const int FormatNow = 1;

    private static readonly JsonSerializerOptions Json = new(EventJson.Options)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    /// <summary>The format of the file.</summary>
    public int Format { get; init; } = FormatNow;

    /// <summary>The process.</summary>
    public required string Process { get; init; }

    /// <summary>The key of the instance.</summary>
    public required string Key { get; init; }

    /// <summary>Whose instance it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>Everything that the instance took up or missed, in order.</summary>
    public required ImmutableArray<RecordedInput> Inputs { get; init; }

    /// <summary>Takes the history of an instance out of a ledger.</summary>
    /// <exception cref="InvalidOperationException">There is no such instance, or an input of it is gone.</exception>
    public static async ValueTask<ProcessRecording> Read(
        ILedger ledger, string process, string key, string tenant = Tenants.Default, CancellationToken cancel = default)
    {
        var inputs = ImmutableArray.CreateBuilder<RecordedInput>();
        await foreach (var entry in ProcessHistory.Read(ledger, process, key, tenant, cancel: cancel))
        {
            var (advanced, missed) = (entry.Said as ProcessEvent.ProcessAdvanced, entry.Said as ProcessEvent.ProcessMissed);
            if (advanced is null && missed is null)
                continue;
            if (entry.In is not { Erased: false } recorded)
                throw new InvalidOperationException($"The input at {(advanced?.In ?? missed!.In).Position} of {process} {key} is gone.");
            inputs.Add(new RecordedInput
            {
                Event = RecordedContent.Of(recorded),
                At = advanced is null || IsWaiting(advanced) ? recorded.RecordedAt : advanced.Instance.ChangedAt,
                Advanced = advanced,
                Missed = missed,
            });
        }

        if (inputs.Count == 0)
            throw new InvalidOperationException($"There is nothing of {process} {key} in the ledger.");
        return new ProcessRecording { Process = process, Key = key, Tenant = tenant, Inputs = inputs.ToImmutable() };
    }

    /// <summary>Reads a recording from its text.</summary>
    /// <exception cref="InvalidDataException">The text is no recording.</exception>
    public static ProcessRecording Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<ProcessRecording>(text, Json) is { Format: FormatNow } recording
                ? recording
                : throw new InvalidDataException($"This code reads recordings of format {FormatNow} only.");
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException($"This is no recording: {failure.Message}", failure);
        }
    }

    /// <summary>Its text: the same for the same history, one field a line.</summary>
    public string ToText() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <summary>
    /// Lets a process take up the same inputs in the same order, and compares what it makes of each with what is recorded. Outcomes and
    /// timers find their steps by name, because another definition may number them otherwise.
    /// </summary>
    /// <param name="process">The definition to be tried; older versions that the modules run are there as well.</param>
    /// <param name="modules">What knows its events, and does what its steps ask for.</param>
    public ProcessReplay Replay(Process process, params ImmutableArray<Module> modules) => ReplayBehind(0, process, modules);

    /// <summary>
    /// The same from the instance as it was recorded up to a position of an input: how a definition goes on with an instance that another
    /// one began, by its migration where it has one.
    /// </summary>
    /// <param name="position">The position of the last input that the recorded code took up; 0 for none.</param>
    /// <param name="process">The definition to be tried.</param>
    /// <param name="modules">What knows its events, and does what its steps ask for.</param>
    public ProcessReplay ReplayBehind(long position, Process process, params ImmutableArray<Module> modules)
    {
        ArgumentNullException.ThrowIfNull(process);
        if (process.Name != Process)
            throw new ArgumentException($"This is recorded of {Process}, not of {process.Name}.", nameof(process));
        var older = modules.SelectMany(static module => module.Processes)
            .Where(one => one.Name == process.Name && one.Version < process.Version);
        return new ReplayRun(this, new ProcessTrial([process, .. older], modules)).Go(position);
    }

    private static bool IsWaiting(ProcessEvent.ProcessAdvanced advanced) =>
        advanced.Out.Any(static one => one.Kind == ProcessOutputKind.Waits);
}
