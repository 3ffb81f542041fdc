using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace Ledgerfold.Http.Problems;

/// <summary>A call that is turned down, as problem details (RFC 9457) with a code that never changes.</summary>
/// <param name="code">Which kind; it must be in the catalogue.</param>
/// <param name="detail">What happened this time, for people.</param>
public sealed class Refusal(string code, string? detail = null) : IResult, IEndpointMetadataProvider
{
    /// <summary>The media type of problem details.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>Which kind it is.</summary>
    public string Code { get; } = code;

    /// <summary>What happened this time, for people.</summary>
    public string? Detail { get; } = detail;

    /// <summary>Which parts of what was sent are at fault.</summary>
    public ImmutableArray<FieldError> Errors { get; init; } = [];

    /// <summary>More about this time, by name; texts and whole numbers, the latter as text.</summary>
    public ImmutableArray<(string Name, string Value)> Facts { get; init; } = [];

    /// <summary>When it may be tried again, if that is known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What is wrong with one part of what was sent.</summary>
    public static Refusal Of(string pointer, string rule) =>
        new(PlatformProblems.Invalid.Code, $"{pointer}: {rule}") { Errors = [new FieldError(pointer, rule)] };

    /// <inheritdoc />
    public static void PopulateMetadata(System.Reflection.MethodInfo method, EndpointBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status400BadRequest, null, [MediaType]));
    }

    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var kind = httpContext.RequestServices.GetRequiredService<ProblemCatalogue>().Find(Code)
            ?? throw new InvalidOperationException($"{Code} is in no catalogue of problems.");
        httpContext.Features.Set(this);
        Telemetry.Refusals.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Attributes.Code, Code));
        var response = httpContext.Response;
        response.StatusCode = kind.Status;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } pause)
            response.Headers.RetryAfter = $"{Math.Ceiling(pause.TotalSeconds):0}";
        using var json = new Utf8JsonWriter(response.BodyWriter);
        Write(json, kind, httpContext);
        await json.FlushAsync(httpContext.RequestAborted);
    }

    private void Write(Utf8JsonWriter json, ProblemKind kind, HttpContext context)
    {
        json.WriteStartObject();
        json.WriteString("type", kind.Page);
        json.WriteString("title", kind.Title);
        json.WriteNumber("status", kind.Status);
        json.WriteString("code", kind.Code);
        if (Detail is not null)
            json.WriteString("detail", Detail);
        json.WriteString("instance", context.Request.Path.Value);
        json.WriteString("traceId", Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier);
        json.WriteBoolean("retryable", kind.Retryable);
        if (Errors.Length > 0)
        {
            json.WriteStartArray("errors");
            foreach (var error in Errors)
            {
                json.WriteStartObject();
                json.WriteString("pointer", error.Pointer);
                json.WriteString("rule", error.Rule);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        foreach (var (name, value) in Facts)
            json.WriteString(name, value);
        json.WriteEndObject();
    }
}

/// <summary>Ends a call with a refusal, from wherever it is found out.</summary>
/// <param name="refusal">What is answered.</param>
public sealed class RefusedException(Refusal refusal) : Exception(refusal.Detail ?? refusal.Code)
{
    /// <summary>What is answered.</summary>
    public Refusal Refusal { get; } = refusal;
}
