#include "advisor/cli/page/advice_page.hpp"

#include <fmt/format.h>

#include "advisor/cli/advice_words.hpp"
#include "advisor/cli/page/markup.hpp"
#include "advisor/cli/page/pictures.hpp"
#include "advisor/cli/page/style.hpp"
#include "advisor/cli/page/tables.hpp"
#include "advisor/core/explain.hpp"
#include "advisor/core/text.hpp"

namespace amorsize::cli::page {

namespace {

constexpr std::string_view kGenerator = "<meta name=\"generator\" content=\"amorsize-advise\"/>";

std::string head(const std::string& title) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n{}\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        "<title>{}</title>\n<style>{}</style>\n</head>\n",
        kGenerator, escaped(title), kStyle);
}

std::string verdict(const std::vector<Saying>& decision) {
    const Saying& first = decision.front();
    std::string out =
        fmt::format("<section class=\"verdict {0}\">\n<p class=\"what\">{0}: {1}</p>\n",
                    first.label, escaped(first.words));
    if (decision.size() > 1) out += "<dl>\n";
    for (std::size_t i = 1; i < decision.size(); ++i) {
        out += fmt::format("<dt>{0}</dt><dd{1}>{2}</dd>\n", decision[i].label,
                           decision[i].label == "request" ? " class=\"mono\"" : "",
                           escaped(decision[i].words));
    }
    return out + (decision.size() > 1 ? "</dl>\n" : "") + "</section>\n";
}

std::string figure(const char* caption, const char* legend, const std::string& picture,
                   const std::string& table) {
    if (picture.empty()) return {};
    const std::string details =
        table.empty()
            ? ""
            : fmt::format("<details><summary>the same as a table</summary>\n{}</details>\n", table);
    return fmt::format("<figure>\n<figcaption>{}</figcaption>\n<p>{}</p>\n{}{}</figure>\n", caption,
                       legend, picture, details);
}

std::string speedup_figure(const std::vector<CurvePoint>& curve, const Plan& plan,
                           bool over_nodes) {
    return figure(
        over_nodes ? "Speed-up over nodes" : "Speed-up over the workers of one node",
        "Line: expected. Band: down to what 19 of 20 runs reach. Dashed: perfect speed-up.",
        speedup_picture(curve, plan, over_nodes), curve_table(curve, over_nodes));
}

std::string pictures(const Subject& subject) {
    const Outlook& outlook = subject.outlook;
    std::string out;
    if (subject.advice.plan) {
        out += speedup_figure(outlook.on_one_node, *subject.advice.plan, false);
        out += speedup_figure(outlook.on_more_nodes, *subject.advice.plan, true);
    }
    const bool planned = subject.advice.plan.has_value();
    out += figure("Memory of a node",
                  planned ? "Bar: expected use. Frame: asked for. Grey: kept free."
                          : "Bar: what is needed. Grey: kept free.",
                  memory_picture(outlook, subject.advice, subject.manifest), "");
    if (!outlook.nodes.empty()) {
        const NodeOffer& node = outlook.nodes.front();
        out += figure(
            planned ? "A node and the ranks on it" : "A node",
            planned ? "Each square is a core; blue: a rank has it." : "Each square is a core.",
            node_picture(node, subject.advice),
            planned ? ranks_table(node, *subject.advice.plan) : "");
    }
    out += figure("Item times of the samples",
                  "Each dot is an item: filled alone on the node, hollow side by side.",
                  samples_picture(subject.profile), samples_table(subject.profile));
    return out.empty() ? out : "<div class=\"pictures\">\n" + out + "</div>\n";
}

std::string sentences(const char* heading, const char* css_class,
                      const std::vector<Reason>& reasons) {
    if (reasons.empty()) return {};
    std::string out = fmt::format("<h2>{}</h2>\n<ul class=\"{}\">\n", heading, css_class);
    for (const Reason& reason : reasons) out += fmt::format("<li>{}</li>\n", escaped(text(reason)));
    return out + "</ul>\n";
}

std::string section(const char* heading, const std::string& body) {
    return body.empty() ? body : fmt::format("<h2>{}</h2>\n{}", heading, body);
}

std::string script(const std::string& text) {
    return text.empty() ? text : fmt::format("<pre>{}</pre>\n", escaped(text));
}

}  // namespace

std::string advice_page(const Subject& subject) {
    const Advice& advice = subject.advice;
    const std::string title = printable(title_of(subject.manifest, subject.items));
    const std::string because = sentences("Because", "reasons", advice.reasons);
    return head(title) + fmt::format("<body>\n<h1>{}</h1>\n", escaped(title)) +
           verdict(decision_of(subject.manifest, subject.items, advice, subject.directives)) +
           sentences("Beware", "warnings", advice.warnings) +
           (advice.plan ? pictures(subject) + because : because + pictures(subject)) +
           section("Ways to run it", ways_table(advice)) +
           section("What is known", basis_table(advice)) +
           section("The script", script(subject.script)) + "</body>\n</html>\n";
}

bool is_advice_page(std::string_view beginning) {
    return beginning.find(kGenerator) != std::string_view::npos;
}

}  // namespace amorsize::cli::page
