using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;

namespace Ledgerfold.Model.Tests.Operating;

/// <summary>Asks for so many steps, of a second each.</summary>
internal sealed record DoSteps(int Steps, string? On = null, int? FailsAt = null);

/// <summary>Work in steps, and every step that was done, in whichever life.</summary>
internal sealed class Work(TimeProvider clock)
{
    public List<int> Done { get; } = [];

    /// <summary>The lives that were begun, and the step each went on from.</summary>
    public List<(int Life, int From)> Lives { get; } = [];

    /// <summary>How many were told to stop.</summary>
    public int Told { get; private set; }

    public int Side { get; private set; }

    public int SideMax { get; private set; }

    public Operation<DoSteps> Kind => new("work") { Subject = static request => request.On, Run = Run };

    /// <summary>Another kind, which works on the same.</summary>
    public Operation<Sweep> Sweeping => new("sweep") { Subject = static request => request.On, Run = static (_, _) => Task.FromResult<object?>(null) };

    private async Task<object?> Run(DoSteps request, OperationContext context)
    {
        var from = context.Checkpoint<int>();
        Lives.Add((context.Life, from));
        SideMax = Math.Max(SideMax, ++Side);
        try
        {
            for (var step = from; step < request.Steps; step++)
            {
                await Ambient.Pause(clock, TimeSpan.FromSeconds(1), context.Cancel);
                context.Cancel.ThrowIfCancellationRequested();
                if (step == request.FailsAt)
                    throw new InvalidOperationException($"step {step} is too steep");
                Done.Add(step);
                await context.Save(new OperationProgress(step + 1, request.Steps, $"step {step}"), step + 1);
            }

            return new { request.Steps, Lives = context.Life };
        }
        catch (OperationCanceledException)
        {
            Told++;
            throw;
        }
        finally
        {
            Side--;
        }
    }
}

internal sealed record Sweep(string? On);
