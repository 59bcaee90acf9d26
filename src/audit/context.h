/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */

/* What a reference brings along besides its place (context.c), and what request files say (calls.c). Inside audit/. */
#ifndef IW_AUDIT_CONTEXT_H
#define IW_AUDIT_CONTEXT_H

#include "report/report.h"
#include "source/source.h"

struct iw_audit;
struct iw_origin;

/* What is known of a reference besides its place: by the request that holds it, or because the image stands in the
 * document. Also what is said of a request or a file itself. One piece of memory each, freed with its reference; no
 * more are kept than CONTEXTS_MAX of weight, where reading pauses: there may be as many as a file has images. */
struct iw_context {
    struct iw_audit *audit;
    unsigned weight;
    bool is_request; /* setting is that of one */
    struct iw_setting setting;
    struct iw_str element, custom_id;
    const struct iw_facts *facts;      /* of an image that stands in the document, but for its url; or NULL */
    const struct iw_finding *findings; /* of a request or a file; or NULL */
    size_t finding_count;
    enum iw_verdict verdict; /* that they make */
    _Alignas(8) char rest[]; /* facts, findings, texts */
};

/* context.c */
enum { IW_CONTEXTS_MAX = 32768, IW_CONTEXT_HEAVY = 16 };
/* What one is made of; all is copied, texts cut where they are longer than anybody writes them. */
struct iw_context_parts {
    bool is_request;
    struct iw_setting setting;
    struct iw_str model, said_type; /* of the setting; or NONE */
    struct iw_str element, custom_id;
    const struct iw_inline *inlined;    /* or NULL */
    const char *misplaced;              /* what keeps it from being read where it stands, static; or NULL */
    const struct iw_findings *findings; /* or NULL */
    enum iw_verdict verdict;
};
struct iw_context *iw_context_new(struct iw_audit *audit, const struct iw_context_parts *parts); /* NULL: no memory */
/* What is known of an image that stands in its document, but for its url; the label is borrowed. */
void iw_inline_facts(const struct iw_inline *in, struct iw_facts *facts);
void iw_context_free(struct iw_context *context); /* NULL is fine */

/* calls.c, on the reader's thread: what request files say, and images that stand in documents */
enum iw_err iw_post_call_image(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead);
/* A record about a document, or a request in it: its URL is the document's path. */
enum iw_err iw_post_notice(struct iw_audit *audit, struct iw_origin *origin, struct iw_context_parts *parts,
                           unsigned line, unsigned column);
/* What decides which limits hold for a request; its text is in the audit's scratch. */
struct iw_setting iw_call_setting(struct iw_audit *audit, const struct iw_call *call);
/* Says so where the reader did not list all images of a request: the audit is incomplete then. */
void iw_call_complain(struct iw_audit *audit, const struct iw_origin *origin, const struct iw_call *call);
/* Says so where a batch file names several models and some profile takes one. */
void iw_call_complain_models(struct iw_audit *audit, const struct iw_origin *origin,
                             const struct iw_request_file *file);
/* What the lead's request says. */
struct iw_context_parts iw_call_parts(const struct iw_lead *lead);
/* What the consumer keeps itself, or has in a store of its cloud: nobody else can weigh it. */
bool iw_call_image_is_kept(const struct iw_call_image *image);
/* A data URI in a document that is no request file. */
enum iw_err iw_post_data_uri(struct iw_audit *audit, struct iw_origin *origin, const struct iw_lead *lead);
extern const struct iw_call_events iw_feeding_calls; /* user is a struct iw_feeding */

#endif
