using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Ledgerfold.Server.Tracing;

/// <summary>
/// Sends spans and metrics to a collector, by OTLP over HTTP, from its beginning until it is disposed of. Sending is done beside the work:
/// while the collector cannot be reached, what is to be sent is dropped.
/// </summary>
internal sealed class Export : IDisposable
{
    private const string Framework = "Microsoft.AspNetCore"; // whose spans are those of calls
    private const string ServiceName = "ledgerfold";
    private const int MetricsEveryMillis = 15_000;
    private const int WithinMillis = 2_000;

    private readonly TracerProvider _spans;
    private readonly MeterProvider _metrics;

    /// <param name="collector">Where the collector listens, without the paths of the protocol.</param>
    /// <param name="version">Which version of the platform this is.</param>
    public Export(Uri collector, string version)
    {
        var resource = ResourceBuilder.CreateEmpty().AddService(ServiceName, serviceVersion: version);
        _spans = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(TelemetryNames.Source, Framework)
            .AddOtlpExporter(to => Send(to, collector, "v1/traces"))
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(TelemetryNames.Source)
            .AddOtlpExporter((to, reader) =>
            {
                Send(to, collector, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = MetricsEveryMillis;
            })
            .Build();
    }

    /// <summary>Sends what is left, if that does not take long.</summary>
    public void Dispose()
    {
        _spans.Shutdown(WithinMillis);
        _metrics.Shutdown(WithinMillis);
        _spans.Dispose();
        _metrics.Dispose();
    }

    private static void Send(OtlpExporterOptions to, Uri collector, string path)
    {
        to.Protocol = OtlpExportProtocol.HttpProtobuf;
        to.Endpoint = new Uri($"{collector.AbsoluteUri.TrimEnd('/')}/{path}");
        to.TimeoutMilliseconds = WithinMillis;
    }
}
