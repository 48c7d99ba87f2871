-- Amorsize: what sbatch asks for, against the advice that its script names. Slurm wants all three functions; an error
-- in one of them would refuse the job, so whatever goes wrong here is passed over.

local advisor = "/etc/amorsize/request-advice"
local longest_request = 100000 -- the kernel takes no longer argument than 128 KiB

local function quoted(text)
    return "'" .. string.gsub(text, "'", "'\\''") .. "'"
end

local function compare(options)
    if options["type"] ~= "sbatch" then return end
    local request = slurm.json_cli_options(options)
    if #request > longest_request then return end
    local answer = io.popen(advisor .. " " .. quoted(request) .. " 2>/dev/null")
    for line in answer:lines() do
        local text = string.match(line, "^warn (.+)$")
        local option, value = string.match(line, "^set ([a-z-]+) ([A-Za-z0-9:-]+)$")
        if text then slurm.log_info("amorsize: %s", text) end
        if option then
            options[option] = value
            slurm.log_info("amorsize: added --%s=%s from the advice", option, value)
        end
    end
    answer:close()
end

function slurm_cli_setup_defaults(options, early_pass)
    return slurm.SUCCESS
end

function slurm_cli_pre_submit(options, pack_offset)
    pcall(compare, options)
    return slurm.SUCCESS
end

function slurm_cli_post_submit(offset, job_id, step_id)
    return slurm.SUCCESS
end
