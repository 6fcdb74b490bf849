"""Names that were looked at one by one: what each means, and those that could mean a neighbour and must wait."""

EXPECTED = """
gpt-3-175b-davinci: davinci | GPT3 175B
gpt-3-davinci-002: davinci-002
instructgpt-175b: text-davinci-001
gpt-3-5-text-davinci-002: text-davinci-002
gpt-3-5-code-davinci-002: code-davinci-002
gpt-3-5-text-davinci-003: text-davinci-003
gpt-3-5-turbo-mar-2023: gpt-3.5-turbo-0301
gpt-3-5-turbo-jun-2023: gpt-3.5-turbo-0613
gpt-3-5-turbo-nov-2023: gpt-3.5-turbo-1106
gpt-3-5-turbo-jan-2024: gpt-3.5-turbo-0125
gpt-4-mar-2023: gpt-4-0314 | gpt-4-32k-0314
gpt-4-jun-2023: gpt-4-0613
gpt-4-turbo-preview-nov-2023: gpt-4-1106-preview
gpt-4-turbo-preview-jan-2024: gpt-4-0125-preview
gpt-4-turbo-apr-2024: gpt-4-turbo-2024-04-09
gpt-4o-may-2024: gpt-4o-2024-05-13
gpt-4o-aug-2024: gpt-4o-2024-08-06
gpt-4o-nov-2024: gpt-4o-2024-11-20
chatgpt-4o-jan-2025: chatgpt-4o-01-29-2025
chatgpt-4o-mar-2025: chatgpt-4o-03-27-2025
gpt-4o-mini: gpt-4o-mini-2024-07-18 | openai/gpt-4o-mini
gpt-4-5: gpt-4.5-preview-2025-02-27
gpt-4-1: gpt-4.1-2025-04-14
gpt-4-1-mini: gpt-4.1-mini-2025-04-14
gpt-4-1-nano: gpt-4.1-nano-2025-04-14
o1-preview: o1-preview-2024-09-12
o1-mini: o1-mini-2024-09-12_high
o1: o1-2024-12-17_medium
o1-pro: o1-pro-2025-03-19_low
o3-mini: o3-mini-2025-01-31_low
o3: o3-2025-04-16_unknown
o3-pro: o3-pro-2025-06-10_high
o4-mini: o4-mini-2025-04-16_high
gpt-oss-120b: openai/gpt-oss-120b_high | chutes/gpt-oss-120b | openai.gpt-oss-120b-1:0
gpt-oss-20b: gpt-oss-20b_medium
gpt-5: gpt-5-2025-08-07_minimal | GPT-5 (high)
gpt-5-mini: gpt-5-mini-2025-08-07_high
gpt-5-nano: gpt-5-nano-2025-08-07_unknown
gpt-5-chat: gpt-5-chat | gpt-5-chat-latest
gpt-5-codex: gpt-5-codex_high | GPT‑5-Codex
gpt-5-pro: gpt-5-pro-2025-10-06_medium
gpt-5-1: gpt-5.1-2025-11-13_none | GPT-5.1 (Low) | gpt-5.1_medium
gpt-5-1-codex: gpt-5.1-codex
gpt-5-1-codex-mini: gpt-5.1-codex-mini
gpt-5-1-codex-max: gpt-5.1-codex-max | gpt-5.1-codex-max-high
gpt-5-2: gpt-5.2-2025-12-11_xhigh
gpt-5-2-pro: gpt-5.2-pro-2025-12-11-webapp
gpt-5-3-codex: gpt-5.3-codex_xhigh
gpt-5-4: gpt-5.4-2026-03-05_low
gpt-5-4-pro: gpt-5.4-pro-2026-03-05-web-app
gpt-5-4-mini: gpt-5.4-mini-2026-03-17_none
gpt-5-5: gpt-5.5_unknown
gpt-5-5-pro: gpt-5.5-pro_xhigh
gpt-5-6-sol: gpt-5.6-sol_promax | gpt-5.6-sol_prounknown
gpt-5-6-luna: gpt-5.6-luna_max
claude-instant-1-1: claude-instant-1.1
claude-instant-1-2: claude-instant-1.2
claude-2: claude-2.0
claude-2-1: claude-2.1
claude-3-opus: claude-3-opus-20240229
claude-3-haiku: claude-3-haiku-20240307 | anthropic.claude-3-haiku-20240307-v1:0
claude-3-5-sonnet-jun-2024: claude-3-5-sonnet-20240620
claude-3-5-sonnet-oct-2024: claude-3-5-sonnet-20241022 | anthropic.claude-3-5-sonnet-20241022-v2:0
claude-3-7-sonnet: claude-3-7-sonnet-20250219_16K | claude-3-7-sonnet-20250219-thinking-64k
claude-opus-4: claude-opus-4-20250514_27K | claude-4-opus-20250514-thinking-32k
claude-sonnet-4: claude-sonnet-4-20250514_unknown
claude-opus-4-1: us.anthropic.claude-opus-4-1-20250805-v1:0 | claude-4-1-opus-20250805-thinking-32k
claude-sonnet-4-5: claude-sonnet-4-5-20250929_59K | global.anthropic.claude-sonnet-4-5-20250929-v1:0
claude-haiku-4-5: claude-haiku-4-5@20251001 | claude-haiku-4-5-20251001_1K
claude-opus-4-5: claude-opus-4-5@20251101 | claude-opus-4-5-20251101-thinking-64k-high-effort | Claude 4.5 Opus
claude-opus-4-6: claude-opus-4-6_120K | au.anthropic.claude-opus-4-6-v1
claude-sonnet-4-6: claude-sonnet-4-6_max
claude-opus-4-7: claude-opus-4-7_xhigh
claude-opus-4-8: anthropic/claude-opus-4.8
claude-opus-5: claude-opus-5_max
palm-540b: PaLM 540B | PaLM (540B)
palm-62b: PaLM 62B
palm-cont-62b: PaLM-cont 62B
glam-moe-64b-64e: GLaM (MoE) 64B/64E | GLaM (64B/64E) (One-shot) | GLaM (MoE)
glam-dense-8b: GLaM (Dense) 8B
glam-moe-8b-64e: GLaM (MoE) 8B/64E
gemini-1-0-pro: gemini-1.0-pro-001
gemini-1-5-pro-feb-2024: gemini-1.5-pro-001-feb24
gemini-1-5-pro-may-2024: gemini-1.5-pro-001
gemini-1-5-pro-sep-2024: gemini-1.5-pro-002
gemini-1-5-flash-may-2024: gemini-1.5-flash-0514 | gemini-1.5-flash-001
gemini-1-5-flash-8b: gemini-1.5-flash-8b-001
gemini-exp-1206: gemini-exp-1206
gemini-2-0-flash-experimental-dec-2024: gemini-2.0-flash-exp
gemini-2-0-flash: gemini-2.0-flash-001
gemini-2-0-flash-thinking-jan-2025: gemini-2.0-flash-thinking-exp-01-21
gemini-2-0-flash-thinking-dec-2024: gemini-2.0-flash-thinking-exp-1219
gemini-2-5-pro-mar-2025: gemini-2.5-pro-exp-03-25 | gemini-2.5-pro-preview-03-25
gemini-2-5-pro-may-2025: gemini-2.5-pro-preview-05-06
gemini-2-5-pro-jun-2025: gemini-2.5-pro-preview-06-05_1K | gemini-2.5-pro_32K
gemini-2-5-flash-apr-2025: gemini-2.5-flash-preview-04-17 (24K thinking)
gemini-2-5-flash-may-2025: gemini-2.5-flash-preview-05-20_8K
gemini-2-5-flash-jun-2025: gemini-2.5-flash
gemini-2-5-flash-sep-2025: gemini-2.5-flash-preview-09-2025_16k
gemini-2-5-flash-lite-jun-2025: gemini-2.5-flash-lite-preview-06-17_16K | gemini-2.5-flash-lite-preview-06-17-thinking
gemini-2-5-deep-think: gemini-2.5-deep-think-2025-08-01-webapp
gemini-3-pro: gemini-3-pro-preview | gemini-3-pro-preview-11-2025-high
gemini-3-1-pro: gemini-3.1-pro-preview-customtools
gemini-3-1-flash-lite: gemini-3.1-flash-lite_minimal
gemini-3-5-flash: gemini-3.5-flash_minimal
gemini-3-5-flash-lite: gemini-3.5-flash-lite_low
gemma-2-9b: gemma-2-9b-it
gemma-2-27b: gemma2:27b-instruct-q8_0
gemma-3-27b: chutes/Gemma-3-27b-It
gemma-4-31b: gemma-4-31b-it_minimal
gemma-4-26b-a4b: gemma-4-26b-a4b
llama-7b: LLaMA-7B
llama-2-7b: Llama-2-7b | LLAMA 2-CHAT 7B (8-shot)
llama-2-70b: Llama-2-70b-hf | Llama-2-70b-chat-hf
llama-3-70b: Meta-Llama-3-70B-Instruct
llama-3-1-70b: Llama-3.1-70B-Instruct | meta.llama3-1-70b-instruct-v1:0
llama-3-1-405b: meta-llama/Llama-3.1-405B
llama-3-2-90b: Llama-3.2-90B-Vision-Instruct
llama-3-3-70b: Llama-3.3-70B-Instruct
llama-4-maverick: Llama-4-Maverick-17B-128E-Instruct-FP8 | chutes/Llama-4-Maverick-17B-128E-Instruct
llama-4-scout: chutes/Llama-4-Scout-17B-16E Instruct
muse-spark: muse-spark
muse-spark-1-1: muse-spark-1.1_high
mistral-7b-v0-1: Mistral-7B-v0.1 | open-mistral-7b
mistral-7b-instruct-v0-2: Mistral-7B-Instruct-v0.2
mistral-7b-v0-3: Mistral-7B-Instruct-v0.3
mixtral-8x7b: open-mixtral-8x7b | Mixtral (8x7B 32K seqlen)
mixtral-8x22b: Mixtral-8x22B-Instruct-v0.1
mistral-large-feb-2024: mistral-large-2402
mistral-large-2-jul-2024: mistral-large-2407
mistral-large-2-1-nov-2024: mistral-large-2411
mistral-large-3: mistral-large-2512
mistral-medium-3: mistral-medium-2505
mistral-medium-3-1: mistral-medium-2508
mistral-small-3: mistral-small-2501
mistral-small-3-1: mistral-small-2503
mistral-small-4: mistral-small-2603
magistral-medium-jun-2025: magistral-medium-2506
grok-2-dec-2024: grok-2-1212
grok-3: grok-3-beta
grok-3-mini: grok-3-mini-beta_high
grok-4: grok-4-0709_high
grok-4-heavy: grok-4-heavy-web-app
grok-4-fast: grok-4-fast
grok-4-1: grok-4-1
grok-4-1-fast: grok-4-1-fast-non-reasoning | grok-4-1-fast-reasoning
grok-4-20-feb-2026: grok-4-20
grok-4-20-mar-2026: grok-4.20-0309-reasoning | grok-4.20-0309-non-reasoning
deepseek-v2-moe-236b: DeepSeek-V2
deepseek-v2-5: DeepSeek-V2.5
deepseek-v3: DeepSeek-V3-Base
deepseek-v3-mar-2025: chutes/DeepSeek-V3-0324
deepseek-v3-1: DeepSeek-V3.1_thinking | deepseek.v3-v1:0
deepseek-v3-1-terminus: DeepSeek-V3.1-Terminus
deepseek-v3-2-exp: DeepSeek-V3.2-Exp_thinking | DeepSeek-V3.2-Exp (Reasoner)
deepseek-v3-2: fireworks/deepseek-v3p2 | deepseek/deepseek-v3.2
deepseek-v3-2-speciale: DeepSeek-V3.2-Speciale
deepseek-r1: DeepSeek-R1 | us.deepseek.r1-v1:0
deepseek-r1-may-2025: DeepSeek-R1-0528
deepseek-r1-distill-qwen-14b: DeepSeek-R1-Distill-Qwen-14B
deepseek-v4-pro: deepseek-v4-pro_max
deepseek-v4-flash: deepseek-v4-flash_none
deepseek-v4-flash-jul-2026: deepseek-v4-flash-0731_max
qwen-1-8b: Qwen-1_8B | QWEN-CHAT 1.8B (0-shot)
qwen2-5-72b: qwen2.5-72b-instruct
qwen2-5-vl-72b: Qwen2.5-VL-72B-Instruct
qwen2-5-coder-32b: Qwen2.5-Coder-32B-Instruct
qwen2-5-max: qwen-max-2025-01-25
qwq-32b-preview: QwQ-32B-Preview
qwq-32b: QwQ-32B (16K thinking) | chutes/QwQ-32B
qwen3-235b-a22b: qwen3-235b-a22b
qwen3-235b-a22b-thinking-jul-2025: qwen/qwen3-235b-a22b-thinking-2507
qwen3-235b-a22b-instruct-jul-2025: parasail-qwen3-235b-a22b-instruct-2507
qwen3-next-80b-a3b-instruct: deepinfra/Qwen3-Next-80B-A3B-Instruct
qwen3-max: qwen3-max-2025-09-23
qwen3-5-397b-a17b: qwen3.5-397b-a17b_none
qwen3-5-plus: qwen3.5-plus_none
qwen3-vl-flash-oct-2025: qwen3-vl-flash-2025-10-25 (100 steps)
kimi-k2: Kimi-K2-Instruct | kimi-k2-0711-preview
kimi-k2-sep-2025: fireworks/Kimi-K2-Instruct-0905 | moonshotai/kimi-k2-0905
kimi-k2-thinking: kimi-k2-thinking-turbo | moonshotai/Kimi-K2-Thinking
kimi-k2-5: fireworks/kimi-k2p5 | kimi-k2.5_none
kimi-k2-7-code: kimi-k2.7-code
glm-4-5: chutes/GLM-4.5-FP8 | glm-4.5_thinking
glm-4-5-air: GLM-4.5-Air
glm-4-6: accounts/fireworks/models/glm-4p6 | zai-org/GLM-4.6
glm-4-7: zai-org/glm-4.7 | zai.glm-4.7
glm-5-2: glm-5.2_max
minimax-m1-80k: MiniMax-M1-80k
minimax-m2-5: MiniMax-M2.5
mimo-v2-pro: mimo-v2-pro
baichuan2-13b: Baichuan-2-13B-Base | Baichuan2-13B-Chat
yi-34b: Yi-34B-Chat
internlm-20b: internlm-chat-20b
amazon-nova-lite: amazon.nova-lite-v1:0
amazon-nova-2-pro-preview: nova-2.0-pro-preview_medium
command-r-plus-aug-2024: c4ai-command-r-plus-08-2024
command-a: c4ai-command-a-03-2025
megatron-turing-nlg-530b: TNLG v2 (530B)
falcon-40b: falcon-40b-instruct | Falcon-Instruct (40B)
falcon-2-11b: falcon-11b
phi-3-mini-3-8b: Phi-3-mini-4k-instruct
phi-3-5-moe: Phi-3.5-MoE-instruct
phi-4: phi-4
nemotron-4-340b: nemotron-4-340b-Instruct
nemotron-nano-9b-v2: nvidia.nemotron-nano-9b-v2
tulu-3-70b-dpo: Llama-3.1-Tulu-3-70B-DPO
olmo-2-13b: OLMo-2-1124-13B-Instruct
ui-tars-1-5-7b: uitars-1.5-7b (15 steps)
gpt-neox-20b: GPT-NeoX (20B) | GPT-NeoX 20B
bloom-176b: bloom
mpt-7b: mpt-7b
sonar-pro: sonar-pro
inkling: Inkling_xhigh
"""

UNRESOLVED = """
gpt-4 | gpt-4o | gpt-4-turbo | gpt-3.5-turbo | chatgpt-4o-latest | GPT-4 (8-shot) | ChatGPT
gpt-4o-2024-12-01 | gpt-5-2025-10-03_high | gpt-5.5-pre-release_xhigh | gpt-5.5-pro-pre-release_high | o3-preview (Low)*
claude-3.5-sonnet | Claude 3.5 Sonnet | claude-sonnet-4-5-20251101 | claude-mythos-preview-early | claude-4
gemini-1.5-pro | gemini-1.5-flash-8b-exp-0827 | gemini-2.5-pro-preview-07-01 | gemini-flash-latest | gemini-3-pro-image
deepseek-chat | deepseek-reasoner | deepseek/deepseek-r1-0528-qwen3-8b | deepseek-v3-0405 | deepseek-v3.2-thinking
mistral-large-latest | mistral-medium-latest | mistral-small | Mistral NeMo (2402) | codestral-latest
qwen-max | qwen-plus | qwen3-235b-a22b-thinking | qwen3-coder-plus | Qwen3-80B | qwen-max-2025-04-01
kimi-k2-turbo-preview | kimi-k2-1106 | glm-4 | grok-2 | grok-beta | command-r | command-r-plus
llama-3.1 | Llama-3.1-70B-Instruct-RM-RB2 | someone/Llama-2-70b | Chameleon (GPT-4) | CoT GPT-4 | LLaVA (GPT-4 judge)
PILL (LLaMA-7B) | Honeybee (Vicuna-13B) 🥉 | Flan-T5-XL (LoRA) | LLaMA-Adapter | DDCoT (T5) | Chinese-Alpaca-Plus-13B
DeepSeek R1 + claude-3-5-sonnet-20241022 | o3 (high) + gpt-4.1 | 8-shot Minerva | Terminus 2 | Warp | Vicuna-13B
"""


def pairs() -> list[tuple[str, str]]:
    lines = [line.split(": ", 1) for line in EXPECTED.strip().splitlines()]
    return [(name.strip(), slug) for slug, names in lines for name in names.split(" | ")]
