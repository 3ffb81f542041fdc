using System.Threading.Channels;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Appending;

/// <summary>
/// Appends the lines of the input, a bounded number of them at once, and answers each in the order of the input as soon as it is durable.
/// When it is interrupted it reads no further line, and answers what is in flight.
/// </summary>
internal sealed class AppendPipeline(ILineAppends appends, StandardOutput output, int inFlightMax) : IDisposable
{
    public const int LineBytesMax = 16 * 1024 * 1024;

    private readonly JsonLines _answers = new(output);
    private readonly SemaphoreSlim _slots = new(inFlightMax);
    private readonly Channel<Task<LineAnswer>> _inFlight =
        Channel.CreateUnbounded<Task<LineAnswer>>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    /// <summary>The exit code of the worst answer; broken off by an interrupt, that of an interrupt.</summary>
    public async Task<int> Run(LineReader lines, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var answering = WriteAnswers(stop);
        try
        {
            await StartAppends(lines, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What is in flight goes on.
        }
        finally
        {
            _inFlight.Writer.Complete();
            await answering;
        }

        var worst = await answering;
        return cancel.IsCancellationRequested ? ExitCode.Interrupted : worst;
    }

    public void Dispose()
    {
        _slots.Dispose();
        _answers.Dispose();
    }

    private async Task StartAppends(LineReader lines, CancellationToken cancel)
    {
        while (true)
        {
            await _slots.WaitAsync(cancel);
            if (await lines.Read(cancel) is not { } line)
                return;
            await _inFlight.Writer.WriteAsync(appends.Append(line), CancellationToken.None);
        }
    }

    private async Task<int> WriteAnswers(CancellationTokenSource stop)
    {
        var worst = ExitCode.Ok;
        try
        {
            await foreach (var pending in _inFlight.Reader.ReadAllAsync(CancellationToken.None))
            {
                if (!pending.IsCompleted)
                    _answers.Flush();
                var answer = await pending;
                worst = Worse(worst, answer.ExitCode);
                _answers.Write(answer, static (json, answer) => answer.Write(json));
                if (!_inFlight.Reader.TryPeek(out _))
                    _answers.Flush();
                _slots.Release();
            }

            return worst;
        }
        catch (OutputClosedException)
        {
            return ExitCode.Failed; // whoever closed it does not want to hear why
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private static int Worse(int one, int other) =>
        one == ExitCode.Failed || other == ExitCode.Failed ? ExitCode.Failed : Math.Max(one, other);
}
