using System.Text.Json;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.CloudEvents;
using Ledgerfold.Model.Exploring;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Net.Http.Headers;

namespace Ledgerfold.Server.Endpoints;

/// <summary>An event as a CloudEvent in JSON.</summary>
internal sealed class CloudEventAnswer(CloudEventWriter writer, RecordedEvent recorded, PayloadView view) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = CloudEventBody.One;
        await using var json = new Utf8JsonWriter(httpContext.Response.BodyWriter);
        view.Write(json, recorded, writer);
    }
}

/// <summary>An event as a CloudEvent whose attributes are headers, and whose data is the body as it was appended.</summary>
internal sealed class BinaryCloudEvent(CloudEventWriter writer, RecordedEvent recorded) : IResult
{
    /// <summary>What a caller says who wants this: there is no media type for it.</summary>
    public const string Mode = "binary";

    /// <summary>Whether it is wanted.</summary>
    /// <exception cref="RefusedException">Another mode is, which there is not.</exception>
    public static bool IsAsked(string? mode) => mode is null or Mode
        ? mode is not null
        : throw new RefusedException(Refusal.Of("mode", $"{Mode}, or nothing"));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        foreach (var (name, value) in writer.AttributesOf(recorded))
        {
            if (name != CloudEventBody.DataContentType)
                response.Headers[CloudEventBody.HeaderPrefix + name] = HeaderText.Encode(value);
        }

        if (MediaTypeHeaderValue.TryParse(recorded.ContentType, out _))
            response.ContentType = recorded.ContentType;
        response.ContentLength = recorded.Data.Length;
        await response.BodyWriter.WriteAsync(recorded.Data, httpContext.RequestAborted);
    }
}

/// <summary>Events as an array of CloudEvents in JSON; where the list goes on, links say.</summary>
internal sealed class CloudEventBatch(CloudEventWriter writer, ExplorePage<RecordedEvent> page, PayloadView view, bool backward) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = CloudEventBody.Batch;
        if (page.Next is { } next)
            response.Headers.Append(HeaderNames.Link, LinkTo(httpContext.Request, backward ? "before" : "after", next, "next"));
        if (page.Prev is { } prev)
            response.Headers.Append(HeaderNames.Link, LinkTo(httpContext.Request, backward ? "after" : "before", prev, "prev"));
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartArray();
        foreach (var recorded in page.Items)
            view.Write(json, recorded, writer);
        json.WriteEndArray();
    }

    private static string LinkTo(HttpRequest request, string name, long position, string relation)
    {
        var others = request.Query.Where(static one => one.Key is not ("after" or "before"));
        var query = new QueryBuilder(others) { { name, $"{position}" } };
        return $"<{request.Path}{query}>; rel=\"{relation}\"";
    }
}
