// Drives the five operations on API keys with OpenRouter's SDK for JavaScript, which checks every
// answer, and prints the answers as one JSON document.
import { OpenRouter } from "@openrouter/sdk";

const { OPENROUTER_BASE_URL, OPENROUTER_MANAGEMENT_KEY, WORKSPACE_ID } = process.env;
const { apiKeys } = new OpenRouter({
  serverURL: OPENROUTER_BASE_URL,
  apiKey: OPENROUTER_MANAGEMENT_KEY,
});

const created = await apiKeys.create({
  requestBody: {
    name: "ci",
    workspaceId: WORKSPACE_ID,
    limit: 5,
    limitReset: "monthly",
    expiresAt: new Date("2999-01-31T00:00:00Z"),
  },
});
const { hash } = created.data;
const got = await apiKeys.get({ hash });
const updated = await apiKeys.update({ hash, requestBody: { disabled: true, limit: null } });
const listed = await apiKeys.list({ workspaceId: WORKSPACE_ID, includeDisabled: true });
const deleted = await apiKeys.delete({ hash });
console.log(JSON.stringify({ created, got, updated, listed, deleted }));
